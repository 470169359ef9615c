import Cortland
import Foundation

#if canImport(SwiftUI)
    import SwiftUI
#else
    import SwiftUIStandIn
#endif

/// How fast the model is.
struct BenchmarkView: View {
    @Bindable var model: BenchmarkModel
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        Form {
            Section("Benchmark") {
                Stepper(value: $model.benchmark.promptTokens, in: 16...4096, step: 16) {
                    LabeledContent("Tokens to read", value: model.benchmark.promptTokens.formatted())
                }
                Stepper(value: $model.benchmark.tokens, in: 8...512, step: 8) {
                    LabeledContent("Tokens to give", value: model.benchmark.tokens.formatted())
                }
                if model.state == .running {
                    ProgressView { Text("Measuring") }
                    Button("Cancel", role: .cancel) { model.cancel() }
                } else {
                    Button("Measure", systemImage: "gauge.with.needle") { model.run() }
                        .disabled(!model.canRun)
                }
            }
            switch model.state {
            case .idle, .running: EmptyView()
            case .failed(let failure): FailureView(failure: failure)
            case .done(let report): results(report)
            }
        }
        .navigationTitle("Benchmark")
        .toolbar {
            ToolbarItem(placement: .confirmationAction) {
                Button("Done") { dismiss() }
            }
        }
    }

    private func results(_ report: Benchmark.Report) -> some View {
        Section("Results") {
            LabeledContent("Processor") {
                if let unit = report.computeUnit { Text(Wording.name(of: unit)) }
            }
            LabeledContent("Tokens read each second", value: Wording.number(report.promptTokensPerSecond))
            LabeledContent("Tokens given each second", value: Wording.number(report.tokensPerSecond))
            LabeledContent("Seconds to the first token", value: Wording.number(report.firstTokenSeconds))
            LabeledContent("Seconds to load", value: Wording.number(report.loadSeconds))
            LabeledContent("Milliseconds for a token", value: Wording.number(report.medianStepMilliseconds))
            LabeledContent("Milliseconds for a slow token", value: Wording.number(report.slowStepMilliseconds))
            LabeledContent("Cache", value: Int64(report.cacheBytes).formatted(.byteCount(style: .memory)))
            ForEach(report.attempts, id: \.self) { Text(verbatim: $0.description).font(.footnote) }
        }
    }
}
