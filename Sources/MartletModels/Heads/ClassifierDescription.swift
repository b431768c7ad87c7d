package import MartletCompute

/// What a sequence classifier computes from a text's hidden states: one vector, and matrices and norms up to
/// a number for each label.
package struct ClassifierDescription: Sendable, Equatable {
    package var pooling: Pooling
    package var steps: [Step]

    package enum Pooling: String, Sendable {
        case first, mean, last
        /// All steps but the last on every token, then the mean, then the last step: as the mean of all
        /// tokens' logits.
        case late
    }

    package enum Step: Sendable, Equatable {
        case linear(Linear)
        case norm(Norm)
        /// The last step of a language model that is asked yes or no.
        case words(Words)
    }

    /// activation(W x + b)
    package struct Linear: Sendable, Equatable {
        /// The names that the tensors may have, without `.weight` and `.bias`; the first that is in the file
        /// is taken.
        package var names: [String]
        /// nil: the number of labels, which is what the tensor says.
        package var outputs: Int?
        /// nil: there is a bias where the file has one.
        package var hasBias: Bool?
        package var activation = Activation.identity

        package init(
            _ name: String, outputs: Int? = nil, hasBias: Bool? = true, activation: Activation = .identity
        ) {
            self.init(names: [name], outputs: outputs, hasBias: hasBias, activation: activation)
        }

        package init(
            names: [String], outputs: Int? = nil, hasBias: Bool? = true, activation: Activation = .identity
        ) {
            self.names = names
            self.outputs = outputs
            self.hasBias = hasBias
            self.activation = activation
        }
    }

    package struct Norm: Sendable, Equatable {
        package var name: String
        package var epsilon: Float
        package var hasBias: Bool

        package init(_ name: String, epsilon: Float, hasBias: Bool) {
            self.name = name
            self.epsilon = epsilon
            self.hasBias = hasBias
        }
    }

    /// The logit of one word, or that of one less that of another.
    package struct Words: Sendable, Equatable {
        /// The names that the matrix of logits may have, without `.weight`; the first that is in the file is
        /// taken.
        package var names: [String]
        package var yes: Int
        package var no: Int?
        /// The words in a few words, for people.
        package var spelling: String

        package init(names: [String], yes: Int, no: Int?, spelling: String) {
            self.names = names
            self.yes = yes
            self.no = no
            self.spelling = spelling
        }
    }

    package init(_ pooling: Pooling, _ steps: [Step]) {
        self.pooling = pooling
        self.steps = steps
    }
}
