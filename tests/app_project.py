"""Reads a project of Xcode (the property lists of OpenStep) and says what is wrong with it."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"\s+|//[^\n]*|/\*.*?\*/|(?P<sign>[{}()=;,])|\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|"
                   r"(?P<plain>[\w./:$<>@-]+)", re.DOTALL)
IDENTIFIER = re.compile(r"[0-9A-F]{24}")
KINDS = {
    "PBXBuildFile", "PBXFileReference", "PBXFileSystemSynchronizedBuildFileExceptionSet",
    "PBXFileSystemSynchronizedRootGroup", "PBXFrameworksBuildPhase", "PBXGroup", "PBXNativeTarget", "PBXProject",
    "PBXResourcesBuildPhase", "PBXSourcesBuildPhase", "XCBuildConfiguration", "XCConfigurationList",
    "XCLocalSwiftPackageReference", "XCSwiftPackageProductDependency",
}


def tokens_of(text):
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"offset {at}: got {text[at:at + 20]!r}, want a word or a sign")
        at = match.end()
        if match.group("sign"):
            yield match.group("sign"), None
        elif match.group("quoted") is not None or match.group("plain"):
            quoted = match.group("quoted")
            yield "word", match.group("plain") if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def parse_project(text):
    """Dictionaries, lists and strings. Raises ValueError for anything else, and for a name that stands twice."""
    tokens = list(tokens_of(text)) + [("end", None)]
    place = 0

    def take(*kinds):
        nonlocal place
        kind, word = tokens[place]
        if kind not in kinds:
            raise ValueError(f"token {place}: got {kind} {word}, want one of {kinds}")
        place += 1
        return kind, word

    def value():
        kind, word = take("word", "{", "(")
        if kind == "word":
            return word
        if kind == "(":
            values = []
            while tokens[place][0] != ")":
                values.append(value())
                if tokens[place][0] != ")":
                    take(",")
            take(")")
            return values
        members = {}
        while tokens[place][0] != "}":
            name = take("word")[1]
            take("=")
            if name in members:
                raise ValueError(f"{name}: stands twice")
            members[name] = value()
            take(";")
        take("}")
        return members

    project = value()
    take("end")
    return project


def references(value):
    """All identifiers in a value. Names of members may be some, too."""
    if isinstance(value, str):
        return {value} if IDENTIFIER.fullmatch(value) else set()
    parts = list(value.values()) + list(value) if isinstance(value, dict) else value
    return set().union(*map(references, parts))


def package_facts():
    """Names of the products and of the targets of Package.swift, and the oldest systems."""
    text = (ROOT / "Package.swift").read_text(encoding="utf-8")
    products = set(re.findall(r"\.(?:library|executable)\(name: \"([\w-]+)\", targets", text))
    modules = set(re.findall(r"arget\(\s*name: \"([\w-]+)\"", text))
    systems = dict(re.findall(r"\.(iOS|macOS)\(\.v(\d+)\)", text))
    return products, modules, systems


def check_settings(settings, folder):
    """What is wrong with the settings of a configuration."""
    _, modules, systems = package_facts()
    for name, value in settings.items():
        if name.startswith(("CODE_SIGN_ENTITLEMENTS", "INFOPLIST_FILE")) and not (folder / value).is_file():
            yield f"{name}: {value} is not there"
        if name == "PRODUCT_MODULE_NAME" and value in modules - {"CortlandApp"}:
            yield f"{name}: {value} is the name of a module of the package"
        for setting, system in (("IPHONEOS_DEPLOYMENT_TARGET", "iOS"), ("MACOSX_DEPLOYMENT_TARGET", "macOS")):
            if name == setting and value != systems[system] + ".0":
                yield f"{name}: got {value}, want that of the package"
        if name.startswith("ASSETCATALOG_COMPILER_") and name.endswith("_NAME"):
            if not list(folder.glob(f"*/Assets.xcassets/{value}.*set")):
                yield f"{name}: {value} is not in the asset catalogue"


def check_object(identifier, thing, objects, folder):
    """What is wrong with an object by itself."""
    kind = thing.get("isa")
    if kind not in KINDS:
        yield f"{identifier}: has the unknown kind {kind}"
    if kind == "PBXFileSystemSynchronizedRootGroup":
        if not (folder / thing["path"]).is_dir():
            yield f"{identifier}: the folder {thing['path']} is not there"
        for exceptions in thing.get("exceptions", []):
            for path in objects.get(exceptions, {}).get("membershipExceptions", []):
                if not (folder / thing["path"] / path).is_file():
                    yield f"{identifier}: {path} is not in the folder"
    if kind == "XCLocalSwiftPackageReference" and (folder / thing["relativePath"]).resolve() != ROOT:
        yield f"{identifier}: {thing['relativePath']} is not the folder of the package"
    if kind == "XCSwiftPackageProductDependency" and thing["productName"] not in package_facts()[0]:
        yield f"{identifier}: the package has no product {thing['productName']}"
    if kind == "XCConfigurationList":
        names = [objects.get(each, {}).get("name") for each in thing["buildConfigurations"]]
        if names != ["Debug", "Release"]:
            yield f"{identifier}: got the configurations {names}"
    if kind == "XCBuildConfiguration":
        yield from check_settings(thing["buildSettings"], folder)


def check_project(project, folder):
    """What is wrong with a project whose file lies in a folder of `folder`."""
    objects, problems = project["objects"], []
    if project["objectVersion"] != "77":
        problems.append(f"objectVersion: got {project['objectVersion']}, want 77, of Xcode 16")
    reached, waiting = set(), {project["rootObject"]}
    while waiting:
        identifier = waiting.pop()
        reached.add(identifier)
        if identifier not in objects:
            problems.append(f"{identifier}: is not among the objects")
            continue
        waiting |= references(objects[identifier]) - reached
    problems += [f"{identifier}: nothing leads to it" for identifier in sorted(set(objects) - reached)]
    for identifier, thing in objects.items():
        problems += check_object(identifier, thing, objects, folder)
    return problems
