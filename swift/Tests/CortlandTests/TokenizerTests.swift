import Cortland
import Foundation
import Testing

/// Against what Hugging Face tokenizers makes of the same texts.
@Suite struct TokenizerTests {
    struct Case: Decodable {
        var text: String
        var ids, idsSpecial: [Int32]
        var idsPlain: [Int32]?
        var decoded, decodedSkip: String
    }

    @Test func textsBecomeTheReferenceIdsAndBack() throws {
        let tokenizer = Tokenizer(try Fixture.golden())
        let cases = try Fixture.lines("text/tokenizers/llama3/cases.jsonl", as: Case.self)
        #expect(cases.count > 100)
        for line in cases {
            #expect(try tokenizer.encode(line.text, controlTokens: .recognized) == line.ids)
            #expect(try tokenizer.encode(line.text, controlTokens: .recognized, affixes: .added) == line.idsSpecial)
            #expect(try tokenizer.encode(line.text) == line.idsPlain ?? line.ids)
            #expect(try tokenizer.decode(line.ids, specialTokens: .shown) == line.decoded)
            #expect(try tokenizer.decode(line.ids) == line.decodedSkip)
        }
    }

    struct Stream: Decodable {
        var ids: [Int32]
        var skipSpecial, broken: Bool
        var pieces: [String]
    }

    @Test func charactersComeWithTheIdThatCompletesThem() throws {
        let file = try Fixture.golden()
        let streams = try Fixture.lines("text/tokenizers/llama3/stream.jsonl", as: Stream.self).filter { !$0.broken }
        #expect(streams.count > 10)
        for stream in streams {
            let detokenizer = try Detokenizer(file, specialTokens: stream.skipSpecial ? .skipped : .shown)
            #expect(try stream.ids.map { try detokenizer.push($0) } + [detokenizer.finish()] == stream.pieces)
            #expect(throws: GenerationError.self) { try detokenizer.push(0) }
        }
    }

    @Test func longTextsNeedALargerBuffer() throws {
        let tokenizer = Tokenizer(try Fixture.golden())
        let text = String(repeating: "안녕하세요 world. ", count: 500)
        #expect(try tokenizer.decode(tokenizer.encode(text)) == text)
        #expect(try tokenizer.encode("").isEmpty)
        #expect(try tokenizer.decode([]).isEmpty)
    }

    @Test func fileTellsItsTokens() throws {
        let file = try Fixture.golden()
        #expect(try file.name == "A model 모델")
        #expect(file.hasChatTemplate)
        #expect(try file.token(for: 1924) == "<|eot_id|>")
        #expect(try file.id(ofToken: "<|eot_id|>") == 1924)
        #expect(file.isSpecial(1924) && !file.isSpecial(0))
        #expect(try file.ids(for: .beginning) == [1920])
        #expect(try file.ids(for: .end) == [1924, 1921])
        #expect(try file.ids(for: .padding).isEmpty)
        #expect(try Set(file.endIDs) == [1924, 1921])
        #expect(file.vocabularySize > 1924)
        let error = #expect(throws: GenerationError.self) { try file.id(ofToken: "no such token") }
        #expect(error?.kind == "notFound")
    }

    @Test func filesThatAreNoneAreRefusedInOneSentence() throws {
        let missing = URL(fileURLWithPath: "/nowhere/Model.text")
        let error = #expect(throws: GenerationError.self) { try TextFile(contentsOf: missing) }
        #expect(error?.kind == "fileUnavailable")
        #expect(error?.localizedDescription.contains("/nowhere/Model.text") == true)
        let other = URL(fileURLWithPath: #filePath)
        let corrupt = #expect(throws: GenerationError.self) { try TextFile(contentsOf: other) }
        #expect(corrupt?.kind == "corruptFile")
    }
}
