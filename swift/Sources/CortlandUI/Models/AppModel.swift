public import Cortland
public import CortlandStore
public import Foundation
public import Observation

/// How warm the device is.
public enum ThermalLevel: Int, Sendable, Comparable {
    /// As it should be.
    case nominal
    /// A little warm.
    case fair
    /// So warm that the system slows things down.
    case serious
    /// So hot that the app has to stop.
    case critical

    /// Whether it is the cooler one.
    public static func < (left: ThermalLevel, right: ThermalLevel) -> Bool { left.rawValue < right.rawValue }
}

/// What the system tells the app.
public enum SystemCondition: Sendable, Equatable {
    /// Others want memory.
    case memoryWarning
    /// The device has become warmer or cooler.
    case thermal(ThermalLevel)
    /// The app is not seen any longer: the Neural Engine and the GPU may be refused.
    case background
    /// The app is seen again.
    case foreground
}

/// All that the app knows.
@MainActor @Observable public final class AppModel {
    /// The models that are here.
    public let library: LibraryModel
    /// The one that answers.
    public let active: ActiveModel
    /// The conversation.
    public let chat: ChatModel
    /// How answers are wanted.
    public let settings: SettingsModel
    /// Measures the active model.
    public let benchmark: BenchmarkModel
    /// What a report on problems says.
    public let diagnostics: DiagnosticsModel
    /// All conversations, the latest first.
    public private(set) var conversations: [Conversation] = []
    /// How warm the device is.
    public private(set) var thermalLevel = ThermalLevel.nominal

    /// A model that was not loaded, and why.
    public struct Refusal: Sendable, Equatable {
        /// The model.
        public var bundle: ModelBundle
        /// Why not.
        public var failure: Failure
    }

    /// The model that was refused last, until someone insists on it or not.
    public private(set) var refusal: Refusal?

    private let conversationStore: ConversationStore
    private static let hotAnswerTokens = 128

    /// An app.
    /// - Parameters:
    ///   - root: the folder of everything that is kept.
    ///   - runtime: Core ML.
    ///   - disk: has the room for models.
    ///   - memory: tells which models fit.
    ///   - transport: brings models.
    ///   - system: names system and device.
    ///   - patience: how long loading on a compute unit may take before another one is offered.
    ///   - idleLimit: how long a model that nobody asks keeps its memory; it is loaded again when it is asked.
    ///   - clock: measures, and waits.
    ///   - now: what conversations are dated by.
    ///   - copy: puts a text where other apps find it; `nil`: the pasteboard of the system.
    public init(
        root: URL, runtime: any ModelRuntime, disk: any Disk = SystemDisk(), memory: any MemoryProbe = SystemMemory(),
        transport: any Transport = URLSessionTransport(), system: String = ModelStore.thisSystem,
        patience: Duration = .seconds(240), idleLimit: Duration = .seconds(600),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() }, copy: (@MainActor (String) -> Void)? = nil
    ) {
        let store = ModelStore(root: root, runtime: runtime, disk: disk, system: system, clock: clock)
        let settings = SettingsModel(file: root.appending(path: "settings.json"))
        let active = ActiveModel(store, patience: patience, idleLimit: idleLimit, clock: clock)
        conversationStore = ConversationStore(folder: root.appending(path: "conversations"))
        library = LibraryModel(store, memory, transport)
        self.settings = settings
        self.active = active
        chat = ChatModel(active, settings, conversationStore, clock: clock, now: now, copy: copy ?? Pasteboard.copy)
        benchmark = BenchmarkModel(active)
        diagnostics = DiagnosticsModel(active, store, runtime)
        conversations = conversationStore.all()
    }

    /// Where the app keeps its files.
    public static var defaultRoot: URL {
        let folders = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)
        return (folders.first ?? FileManager.default.temporaryDirectory).appending(path: "Cortland")
    }

    /// Talks with another model from now on, unless there is too little memory for it: then there is a `refusal`.
    public func use(_ bundle: ModelBundle) {
        guard !chat.isResponding else { return }
        let loaded = active.languageModel == nil ? nil : active.bundle
        if let error = library.shortage(for: bundle, inPlaceOf: loaded) {
            refusal = Refusal(bundle: bundle, failure: Failure(error))
        } else {
            load(bundle)
        }
    }

    /// Talks with the model that was refused: the estimate may be wrong, and if it is not the system ends the app.
    public func useAnyway() {
        guard !chat.isResponding, let refusal else { return }
        load(refusal.bundle)
    }

    /// Leaves it at the refusal.
    public func dismissRefusal() { refusal = nil }

    private func load(_ bundle: ModelBundle) {
        refusal = nil
        chat.modelChanged()
        active.load(bundle, on: settings.settings.unit)
    }

    /// Tells once, behind loading, what was learnt from a start that ended badly.
    public func modelBecameReady() {
        library.refresh()
        if let units = active.prepared?.steppedDown, !units.isEmpty { chat.notice = .steppedDown(units) }
    }

    /// Removes a model. One that answers is let go first.
    public func remove(_ bundle: ModelBundle) {
        guard !chat.isResponding else { return }
        if refusal?.bundle.id == bundle.id { refusal = nil }
        if active.bundle?.id == bundle.id {
            chat.modelChanged()
            active.unload()
        }
        do { try library.remove(bundle.id) } catch { chat.notice = .failure(Failure(error)) }
    }

    /// Goes on with a conversation.
    public func open(_ conversation: Conversation) {
        chat.open(conversation)
        refreshConversations()
    }

    /// Begins a conversation.
    public func startConversation() {
        chat.startOver()
        refreshConversations()
    }

    /// Removes a conversation.
    public func remove(_ conversation: Conversation) {
        if chat.conversation.id == conversation.id { chat.startOver() }
        do { try conversationStore.remove(conversation.id) } catch {
            chat.notice = .failure(Failure(error))
        }
        refreshConversations()
    }

    /// Looks which conversations there are.
    public func refreshConversations() { conversations = conversationStore.all() }

    /// Does what the system asks for.
    public func handle(_ condition: SystemCondition) async {
        switch condition {
        case .background:
            active.appLeft()
            chat.pause()
            benchmark.cancel()
            await chat.settle()
            await benchmark.settle()
        case .foreground:
            active.appReturned()
            library.refresh()
        case .memoryWarning:
            if chat.isResponding {
                chat.pause()
                await chat.settle()
                chat.notice = .lowMemory
            }
            await active.freeMemory()  // once it does not answer any longer
        case .thermal(let level):
            thermalLevel = level
            chat.hotLimit = level >= .serious ? Self.hotAnswerTokens : nil
            active.isTooHot = level == .critical
            if level == .critical {
                chat.pause()
                benchmark.cancel()
                await chat.settle()
                await benchmark.settle()
                chat.notice = .tooHot
            } else if chat.notice == .tooHot {
                chat.notice = nil
            }
        }
    }
}
