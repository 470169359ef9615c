"""Checks the files of the app that only Xcode reads: the project, property lists, catalogues and words."""

import json
import pathlib
import plistlib
import re
import shutil
import struct
import subprocess
import unittest
import xml.etree.ElementTree as xml

from app_project import check_project, parse_project

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
APP = ROOT / "app"
SCHEME = APP / "Cortland.xcodeproj/xcshareddata/xcschemes/Cortland.xcscheme"
SOURCES = APP / "Cortland"
VIEWS = ROOT / "swift/Sources/CortlandUI/Views"
LANGUAGES = {"en", "ko"}

# Required-reason API: what gives its use away, and the reasons that hold for this app (a catalogue of Apple's).
REASONS = {
    "NSPrivacyAccessedAPICategoryDiskSpace": (r"volumeAvailableCapacity|systemFreeSize|statfs", {"E174.1", "85F4.1"}),
    "NSPrivacyAccessedAPICategoryFileTimestamp": (r"\bf?stat\(|modificationDate|creationDate|getattrlist", {"C617.1"}),
    "NSPrivacyAccessedAPICategoryUserDefaults": (r"UserDefaults|AppStorage", {"CA92.1"}),
    "NSPrivacyAccessedAPICategorySystemBootTime": (r"systemUptime|mach_absolute_time", {"35F9.1"}),
}
# What the app is made of: the package without what stands in for Core ML and SwiftUI, and without programs.
COMPILED = [ROOT / "src" / name for name in ("capi/app", "host", "portable", "text")] + [
    ROOT / "swift/Sources" / name for name in ("Cortland", "CortlandCoreML", "CortlandStore", "CortlandUI")] + [APP]
# Literals of views that are no words: signs, units, and the name of the app.
NO_WORDS = {"", "-", " tok/s", " tok", " s", r" \u{00B7} ", "Cortland"}


def plist(name):
    with open(SOURCES / name, "rb") as file:
        return plistlib.load(file)


def compiled_text():
    paths = [path for folder in COMPILED for path in folder.rglob("*") if path.suffix in {".cc", ".h", ".swift"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def literals(text):
    """String literals of Swift, with what stands before each; \\(...) in them becomes %@."""
    found, at = [], 0
    text = re.sub(r"//.*", "", text.replace("https://", "https:\0\0"))
    while (at := text.find('"', at)) >= 0:
        before, literal, at = text[:at], "", at + 1
        while text[at] != '"':
            if text.startswith("\\(", at):
                depth, at = 1, at + 2
                while depth:
                    depth += {"(": 1, ")": -1}.get(text[at], 0)
                    at += 1
                literal += "%@"
            elif text[at] == "\\" and text[at + 1] != "u":
                literal, at = literal + text[at + 1], at + 2
            else:
                literal, at = literal + text[at], at + 1
        found.append((before, literal.replace("\0\0", "//")))
        at += 1
    return found


def keys_of_views():
    keys = set()
    for path in sorted(VIEWS.glob("*.swift")):
        for before, literal in literals(path.read_text(encoding="utf-8")):
            if not re.search(r"(systemImage|systemName|verbatim):\s*$", before) and literal not in NO_WORDS:
                keys.add(literal)
    return keys


def catalogue_problems(catalogue, keys):
    problems = [f"{key!r}: is not in the catalogue" for key in sorted(keys - set(catalogue["strings"]))]
    problems += [f"{key!r}: is used by no view" for key in sorted(set(catalogue["strings"]) - keys)]
    for key, entry in catalogue["strings"].items():
        units = {language: part["stringUnit"] for language, part in entry["localizations"].items()}
        if set(units) != LANGUAGES:
            problems.append(f"{key!r}: got {sorted(units)}, want {sorted(LANGUAGES)}")
        for language, unit in units.items():
            if unit["state"] != "translated" or not unit["value"]:
                problems.append(f"{key!r}: is not translated to {language}")
            if unit["value"].count("%@") != key.count("%@"):
                problems.append(f"{key!r}: has other places for values in {language}")
    return problems


class App(unittest.TestCase):
    def test_every_reference_of_the_project_resolves(self):
        text = (APP / "Cortland.xcodeproj/project.pbxproj").read_text(encoding="utf-8")
        self.assertEqual(check_project(parse_project(text), APP), [])

    def test_a_broken_project_is_found(self):
        text = (APP / "Cortland.xcodeproj/project.pbxproj").read_text(encoding="utf-8")
        for wanted, got in [("C0A700000000000000000005 /* Cortland.app */ =", "C0A7000000000000000000FF ="),
                            ("productName = CortlandUI", "productName = CortlandGUI"),
                            ("path = Cortland;", "path = Other;"), ("Cortland/Info.plist", "Cortland/None.plist"),
                            ("relativePath = ..", "relativePath = ../.."),
                            ("objectVersion = 77", "objectVersion = 56"), ("isa = PBXGroup", "isa = PBXFolder"),
                            ("IPHONEOS_DEPLOYMENT_TARGET = 18.0", "IPHONEOS_DEPLOYMENT_TARGET = 17.0"),
                            ("PRODUCT_MODULE_NAME = CortlandApp", "PRODUCT_MODULE_NAME = Cortland"),
                            ("APPICON_NAME = AppIcon", "APPICON_NAME = Icon")]:
            with self.subTest(change=got):
                self.assertIn(wanted, text)
                self.assertNotEqual(check_project(parse_project(text.replace(wanted, got)), APP), [])
        with self.assertRaises(ValueError):
            parse_project(text.replace("classes = {", "classes = ", 1))

    def test_the_scheme_names_the_target(self):
        text = (APP / "Cortland.xcodeproj/project.pbxproj").read_text(encoding="utf-8")
        objects = parse_project(text)["objects"]
        scheme = xml.parse(SCHEME).getroot()
        references = list(scheme.iter("BuildableReference"))
        self.assertGreater(len(references), 1)
        for reference in references:
            target = objects[reference.get("BlueprintIdentifier")]
            self.assertEqual(target["name"], reference.get("BlueprintName"))
            self.assertEqual(objects[target["productReference"]]["path"], reference.get("BuildableName"))
            self.assertEqual(reference.get("ReferencedContainer"), "container:Cortland.xcodeproj")
        xml.parse(APP / "Cortland.xcodeproj/project.xcworkspace/contents.xcworkspacedata")

    def test_property_lists_say_what_the_app_does(self):
        info = plist("Info.plist")
        self.assertIs(info["ITSAppUsesNonExemptEncryption"], False)
        self.assertTrue(info["UIFileSharingEnabled"] and info["LSSupportsOpeningDocumentsInPlace"])
        self.assertEqual(plist("Cortland.entitlements"), {"com.apple.developer.kernel.increased-memory-limit": True})

    def test_the_privacy_manifest_has_what_is_used_and_no_more(self):
        manifest = plist("PrivacyInfo.xcprivacy")
        self.assertIs(manifest["NSPrivacyTracking"], False)
        self.assertEqual(manifest["NSPrivacyTrackingDomains"] + manifest["NSPrivacyCollectedDataTypes"], [])
        declared = {entry["NSPrivacyAccessedAPIType"]: set(entry["NSPrivacyAccessedAPITypeReasons"])
                    for entry in manifest["NSPrivacyAccessedAPITypes"]}
        text = compiled_text()
        used = {category for category, (pattern, _) in REASONS.items() if re.search(pattern, text)}
        self.assertEqual(set(declared), used)
        for category, reasons in declared.items():
            self.assertTrue(reasons and reasons <= REASONS[category][1], category)

    def test_asset_catalogues_have_their_files(self):
        contents = sorted((SOURCES / "Assets.xcassets").rglob("Contents.json"))
        self.assertEqual(len(contents), 3)
        for path in contents:
            catalogue = json.loads(path.read_text(encoding="utf-8"))
            self.assertEqual(catalogue["info"], {"author": "xcode", "version": 1})
            for image in catalogue.get("images", []):
                data = (path.parent / image["filename"]).read_bytes()
                width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
                self.assertEqual(f"{width}x{height}", image["size"])
                self.assertEqual((data[1:4], depth, kind), (b"PNG", 8, 2))  # RGB: an icon has no alpha

    def test_languages_are_those_of_the_project(self):
        project = parse_project((APP / "Cortland.xcodeproj/project.pbxproj").read_text(encoding="utf-8"))
        regions = [item["knownRegions"] for item in project["objects"].values() if item["isa"] == "PBXProject"]
        self.assertEqual([set(known) - {"Base"} for known in regions], [LANGUAGES])

    def test_there_is_one_entry(self):
        mains = [path.name for folder in (APP, ROOT / "swift/Sources/CortlandUI") for path in folder.rglob("*.swift")
                 if re.search(r"^\s*@main\b", path.read_text(encoding="utf-8"), re.MULTILINE)]
        self.assertEqual(mains, ["CortlandApp.swift"])

    @unittest.skipUnless(yaml, "PyYAML is not installed")
    def test_the_workflow_names_what_there_is(self):
        workflow = yaml.safe_load((ROOT / ".github/workflows/apple.yml").read_text(encoding="utf-8"))
        self.assertEqual(set(workflow["jobs"]), {"package", "app"})
        steps = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in workflow["jobs"].items()}
        commands = "\n".join(command for runs in steps.values() for command in runs)
        paths = re.findall(r"(?<![\w./-])((?:app|models|scripts|src|swift|tests|tools)/[\w./*-]+)", commands)
        self.assertGreater(len(paths), 6)
        for path in paths:
            self.assertTrue(list(ROOT.glob(path)), path)
        self.assertEqual(re.findall(r"-scheme (\S+)", commands), [SCHEME.stem])
        self.assertEqual(re.findall(r"--target ([\w ]+)", commands), ["cortland write_text_file"])
        self.assertTrue(any("tests/app_test.py" in command for command in steps["app"]))
        for program in re.findall(r"swift run -c release (\S+)", commands):
            self.assertIn(f'name: "{program}"', (ROOT / "Package.swift").read_text(encoding="utf-8"))

    def test_every_word_is_in_the_catalogue_in_all_languages(self):
        catalogue = json.loads((SOURCES / "Localizable.xcstrings").read_text(encoding="utf-8"))
        self.assertEqual((catalogue["sourceLanguage"], catalogue["version"]), ("en", "1.0"))
        keys = keys_of_views()
        self.assertGreater(len(keys), 50)
        self.assertEqual(catalogue_problems(catalogue, keys), [])
        self.assertNotEqual(catalogue_problems(catalogue, keys | {"Another"}), [])
        self.assertNotEqual(catalogue_problems(catalogue, keys - {"Send"}), [])
        broken = json.loads(json.dumps(catalogue))
        broken["strings"]["This frees %@."]["localizations"]["ko"]["stringUnit"]["value"] = "?"
        del broken["strings"]["Send"]["localizations"]["ko"]
        self.assertEqual(len(catalogue_problems(broken, keys)), 2)

    def test_literals_are_found(self):
        found = literals(r'Text("a \(b("c")) d", systemImage: "e") // "f"' + "\n" + r'"https://..." "\"g\""')
        self.assertEqual([literal for _, literal in found], ["a %@ d", "e", "https://...", '"g"'])

    def test_pictures_alone_are_named(self):
        """A picture without words is read aloud by a label, or hidden."""
        for path in VIEWS.glob("*.swift"):
            text = path.read_text(encoding="utf-8")
            for match in re.finditer(r"Image\(systemName:", text):
                self.assertRegex(text[match.start():match.start() + 160], r"\.accessibility(Label|Hidden)", path.name)

    def test_letters_grow_with_the_size_that_a_person_wants(self):
        for path in VIEWS.glob("*.swift"):
            self.assertNotRegex(path.read_text(encoding="utf-8"), r"\.system\(size|fixedSize|\.custom\(", path.name)

    @unittest.skipUnless(shutil.which("swiftc"), "swift is not installed")
    def test_swift_files_parse(self):
        files = sorted(str(path) for path in [*SOURCES.rglob("*.swift"), *VIEWS.glob("*.swift")])
        self.assertGreater(len(files), 10)
        subprocess.run(["swiftc", "-frontend", "-parse", *files], check=True)


if __name__ == "__main__":
    unittest.main()
