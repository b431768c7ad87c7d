/// The names of the files in a model folder, in the order in which they are preferred: what loads a model, what fetches one and what tells
/// whether one is whole choose alike.
package enum ModelFileNames {
    package static let tokenizer = "tokenizer.json"
    package static let sentencePiece = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model"]
    package static let vocabulary = "vocab.txt"
    package static let tokenizers = [tokenizer] + sentencePiece + [vocabulary]
}
