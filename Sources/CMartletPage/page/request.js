// The request in other languages

const quoted = value => JSON.stringify(value);
function show(kind, texts, asked) {
  if (!kind && $("ranker").value) { kind = "rerank"; asked = $("query").value.trim() || "What do birds do?"; }
  if (!kind || !texts.length) return;
  request = { kind, texts, asked };
  const url = new URL(kind === "rerank" ? "rerank" : "v1/embeddings", location.href).href, base = new URL("v1", location.href).href;
  const few = texts.slice(0, SHOWN), model = $(kind === "rerank" ? "ranker" : "model").value, type = kind === "search" ? "query" : "document";
  const body = kind === "rerank" ? { model, query: asked, texts: few } : { model, input: few.length === 1 ? few[0] : few, input_type: type };
  const json = quoted(body), block = (value, space) => JSON.stringify(value, null, space);
  let hashes = "#";
  while (json.includes('"' + hashes) || json.includes("\\" + hashes)) hashes += "#";
  let code;
  if (language === "curl") {
    code = `curl ${url} \\\n  -H 'content-type: application/json' \\\n` + (key ? `  -H "authorization: Bearer $MARTLET_API_KEY" \\\n` : "")
      + `  -d '${block(body, 2).replaceAll("\n", "\n  ").replaceAll("'", "'\\''")}'`;
  } else if (language === "python") {
    const indent = value => block(value, 4).replaceAll("\n", "\n    ");
    code = kind === "rerank"
      ? `import json${key ? ", os" : ""}, urllib.request\n\ntexts = ${block(few, 4)}\nbody = {"model": ${quoted(model)}, "query": ${quoted(asked)}, "texts": texts}\nheaders = {"content-type": "application/json"${key ? ', "authorization": "Bearer " + os.environ["MARTLET_API_KEY"]' : ""}}\nrequest = urllib.request.Request(${quoted(url)}, json.dumps(body).encode(), headers)\nwith urllib.request.urlopen(request) as response:\n    for hit in json.load(response):\n        print(hit["score"], texts[hit["index"]])`
      : `${key ? "import os\n" : ""}from openai import OpenAI\n\nclient = OpenAI(base_url=${quoted(base)}, api_key=${key ? 'os.environ["MARTLET_API_KEY"]' : '"none"'})\nanswer = client.embeddings.create(\n    model=${quoted(model)},\n    input=${indent(body.input)},\n    extra_body={"input_type": "${type}"},\n)\nprint([len(row.embedding) for row in answer.data])`;
  } else {
    code = `import Foundation\n#if canImport(FoundationNetworking)\n    import FoundationNetworking\n#endif\n\n`
      + (kind === "rerank" ? "struct Hit: Decodable { let index: Int, score: Float }\n\n" : "struct Answer: Decodable {\n    struct Row: Decodable { let embedding: [Float] }\n    let data: [Row]\n}\n\n")
      + `var request = URLRequest(url: URL(string: ${quoted(url)})!)\nrequest.httpMethod = "POST"\nrequest.setValue("application/json", forHTTPHeaderField: "content-type")\n`
      + (key ? `let key = ProcessInfo.processInfo.environment["MARTLET_API_KEY"] ?? ""\nrequest.setValue("Bearer \\(key)", forHTTPHeaderField: "authorization")\n` : "")
      + `request.httpBody = Data(${hashes}"${json}"${hashes}.utf8)\nlet (data, _) = try await URLSession.shared.data(for: request)\n`
      + (kind === "rerank" ? "for hit in try JSONDecoder().decode([Hit].self, from: data) { print(hit.score, hit.index) }" : "let answer = try JSONDecoder().decode(Answer.self, from: data)\nprint(answer.data.map(\\.embedding.count))");
  }
  $("code").textContent = code;
  $("codeNote").textContent = (kind === "search" ? "The query" : kind === "rerank" ? "Query and lines" : "The lines") + (texts.length > SHOWN ? `, the first ${SHOWN} of ${texts.length}` : "")
    + (kind === "rerank" ? "." : ", with numbers; this page asks for base64, which is smaller.");
}

