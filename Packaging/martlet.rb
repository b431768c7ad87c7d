# Builds from source: brew install --HEAD ./martlet.rb, after `url` of `head` names a place that has the repository.
class Martlet < Formula
  desc "Text embeddings, reranking and search on the machine you have"
  homepage "https://example.invalid/martlet"
  license "Apache-2.0"
  head "https://example.invalid/martlet.git", branch: "main"

  depends_on xcode: ["26.0", :build]
  depends_on macos: :sequoia

  def install
    ENV["MARTLET_COMMIT"] = Utils.git_head
    system "swift", "build", "--disable-sandbox", "-c", "release", "--enable-all-traits", "--product", "martlet"
    bin.install ".build/release/martlet"
    generate_completions_from_executable(bin/"martlet", "--generate-completion-script")
  end

  test do
    assert_match "1.0000", shell_output("#{bin}/martlet compare cat market")
  end
end
