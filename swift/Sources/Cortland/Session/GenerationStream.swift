/// An answer as it comes. Whoever leaves the loop, or lets go of the stream, stops the answer.
public struct GenerationStream: AsyncSequence, Sendable {
    /// A whole answer.
    public struct Response: Sendable, Equatable {
        /// What the model said.
        public var content = ""
        /// What it thought before.
        public var reasoning = ""
        /// The tools that it wants to be called.
        public var toolCalls: [ToolCall] = []
        /// What it took.
        public var statistics = GenerationStatistics()

        /// An empty one.
        public init() {}

        /// Takes an event of the answer in.
        public mutating func add(_ event: GenerationEvent) {
            switch event {
            case .text(let piece): content += piece
            case .reasoning(let piece): reasoning += piece
            case .toolCall(let call): toolCalls.append(call)
            case .finished(let statistics): self.statistics = statistics
            case .started, .progress, .token, .fellBack: break
            }
        }
    }

    private let events: AsyncThrowingStream<GenerationEvent, any Error>
    /// Gives the answer; `nil` where the request was refused.
    let task: Task<Void, Never>?

    init(_ events: AsyncThrowingStream<GenerationEvent, any Error>, task: Task<Void, Never>?) {
        self.events = events
        self.task = task
    }

    /// The events of the answer.
    public func makeAsyncIterator() -> Iterator { Iterator(events.makeAsyncIterator(), task: task) }

    /// The rest of the answer at once.
    /// - Throws: `cancelled` when this task is cancelled before it is complete, and the model is free again; and what made
    ///   it fail.
    public func collect() async throws(GenerationError) -> Response {
        var response = Response()
        for try await event in self {
            response.add(event)
            if case .finished = event { return response }
        }
        await task?.value  // a call that has begun is completed first
        throw .cancelled
    }

    /// Gives the events one by one.
    public struct Iterator: AsyncIteratorProtocol {
        /// Cancels when the last copy of the iterator goes, which the stream that it came from may outlive.
        private final class Owner {
            private let task: Task<Void, Never>?
            init(_ task: Task<Void, Never>?) { self.task = task }
            deinit { task?.cancel() }
        }

        private var events: AsyncThrowingStream<GenerationEvent, any Error>.Iterator
        private let owner: Owner

        init(_ events: AsyncThrowingStream<GenerationEvent, any Error>.Iterator, task: Task<Void, Never>?) {
            self.events = events
            owner = Owner(task)
        }

        /// The next event; `nil` behind the last one, and when this task is cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(GenerationError) -> GenerationEvent? {
            do {
                return try await events.next(isolation: actor)
            } catch {
                throw GenerationError(wrapping: error)
            }
        }

        /// The next event; `nil` behind the last one, and when this task is cancelled.
        public mutating func next() async throws(GenerationError) -> GenerationEvent? { try await next(isolation: nil) }
    }
}

extension GenerationStream {
    /// What the model has said so far, again and again, as it grows.
    public var snapshots: Snapshots { Snapshots(stream: self) }

    /// Growing texts of an answer.
    public struct Snapshots: AsyncSequence, Sendable {
        let stream: GenerationStream

        /// The growing texts.
        public func makeAsyncIterator() -> Iterator { Iterator(events: stream.makeAsyncIterator()) }

        /// Gives the growing texts.
        public struct Iterator: AsyncIteratorProtocol {
            var events: GenerationStream.Iterator
            var response = Response()

            /// The text with its next piece; `nil` behind the last one, and when this task is cancelled.
            public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(GenerationError) -> String? {
                while let event = try await events.next(isolation: actor) {
                    response.add(event)
                    if case .text = event { return response.content }
                }
                return nil
            }

            /// The text with its next piece; `nil` behind the last one, and when this task is cancelled.
            public mutating func next() async throws(GenerationError) -> String? { try await next(isolation: nil) }
        }
    }
}
