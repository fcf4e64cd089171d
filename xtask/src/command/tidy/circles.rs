//! Finds files that import each other in a circle, because nobody can read one of them before the others. A name that the root of a crate
//! re-exports counts as a name of the file that defines it. Generated files are not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The circles among the source files of each crate, one per line. `files` has the text of every file.
pub fn circles(files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let sources = files.keys().filter_map(|path| Some((crate_of(path)?, path)));
    let mut crates: BTreeMap<PathBuf, BTreeMap<Vec<String>, &PathBuf>> = BTreeMap::new();
    for (root, path) in sources {
        if let Some(module) = module_of(&root, path) {
            crates.entry(root).or_default().insert(module, path);
        }
    }
    let mut out = Vec::new();
    for modules in crates.values() {
        let exports: BTreeMap<&Vec<String>, Vec<Import>> =
            modules.iter().map(|(module, path)| (module, imports(&files[*path], module, true))).collect();
        let mut graph: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = BTreeMap::new();
        for (module, path) in modules {
            for import in imports(&files[*path], module, false) {
                if let Some(target) = defined_in(&import.path, modules, &exports).filter(|target| target != path) {
                    graph.entry(path).or_default().insert(target);
                }
            }
        }
        out.extend(found(&graph));
    }
    out
}

/// An import: the path from the root of the crate, and the name that it gets.
#[derive(Debug, Clone, PartialEq)]
struct Import {
    path: Vec<String>,
    name: String,
}

/// The `src` folder that holds a Rust source. `None` for other files.
fn crate_of(path: &Path) -> Option<PathBuf> {
    let is_source = path.extension().is_some_and(|e| e == "rs");
    let at = path.components().position(|part| part == Component::Normal("src".as_ref())).filter(|_| is_source)?;
    Some(path.components().take(at + 1).collect())
}

/// The path of a file's module in its crate. `None` for binaries and tests.
fn module_of(root: &Path, path: &Path) -> Option<Vec<String>> {
    let inside = path.strip_prefix(root).ok()?.with_extension("");
    let mut module: Vec<String> = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if module.iter().any(|part| matches!(part.as_str(), "bin" | "tests" | "generated")) {
        return None;
    }
    match module.last().map(String::as_str) {
        Some("mod" | "lib") => drop(module.pop()),
        Some("main") => return None,
        _ => {}
    }
    Some(module)
}

/// The imports of a module within its crate, without those of its tests. `handed_on` selects the re-exports or the others.
fn imports(text: &str, module: &[String], handed_on: bool) -> Vec<Import> {
    let code = text.split("\n#[cfg(test)]\n").next().unwrap_or(text);
    let mut out = Vec::new();
    for statement in code.split(';') {
        let Some(at) = statement.rfind("use ").filter(|at| statement[..*at].lines().last().is_none_or(is_visibility)) else {
            continue;
        };
        let is_handed_on = statement[..at].lines().last().is_some_and(|line| line.trim_start().starts_with("pub"));
        if is_handed_on == handed_on {
            tree(statement[at + 4..].trim(), &[], module, &mut out);
        }
    }
    out
}

/// Whether only a visibility stands before a `use`.
fn is_visibility(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before == "pub" || before.starts_with("pub(") && before.ends_with(')')
}

/// Reads a tree of imports: a path, or a path before trees in braces.
fn tree(text: &str, before: &[String], module: &[String], out: &mut Vec<Import>) {
    if let Some((path, rest)) = text.split_once('{') {
        let mut prefix = before.to_vec();
        prefix.extend(path.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned));
        let (mut depth, mut start) = (0, 0);
        let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
        for (i, c) in inside.char_indices().chain([(inside.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    let item = inside[start..i].trim();
                    if !item.is_empty() {
                        tree(item, &prefix, module, out);
                    }
                    start = i + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, alias) = text.split_once(" as ").unwrap_or((text, ""));
    let mut parts = before.to_vec();
    parts.extend(path.split("::").map(|part| part.trim().to_owned()));
    if parts.last().is_some_and(|last| last == "self") {
        parts.pop();
    }
    let Some(path) = from_root(&parts, module) else { return };
    let name = if alias.is_empty() { path.last().cloned().unwrap_or_default() } else { alias.trim().to_owned() };
    out.push(Import { path, name });
}

/// The path of an import from the root of the crate. A path of another crate, or of a module declared in this file, counts as one below the
/// importing module.
fn from_root(parts: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = match parts.first()?.as_str() {
        "crate" => return Some(parts[1..].to_vec()),
        "self" | "super" => module.to_vec(),
        _ => return Some([module, parts].concat()),
    };
    let mut rest = parts;
    while let Some(first) = rest.first().filter(|first| matches!(first.as_str(), "self" | "super")) {
        if first == "super" {
            base.pop()?;
        }
        rest = &rest[1..];
    }
    Some([&base, rest].concat())
}

/// The file that defines what a path names: the file of the deepest module in it, or the one from which that module re-exports the name.
fn defined_in<'f>(
    path: &[String],
    modules: &BTreeMap<Vec<String>, &'f PathBuf>,
    exports: &BTreeMap<&Vec<String>, Vec<Import>>,
) -> Option<&'f PathBuf> {
    let mut path = path.to_vec();
    // A name may be re-exported several times.
    for _ in 0..8 {
        let depth = (0..=path.len()).rev().find(|n| modules.contains_key(&path[..*n]))?;
        let module = path[..depth].to_vec();
        let Some(name) = path.get(depth) else { return modules.get(&module).copied() };
        match exports.get(&module).and_then(|handed| handed.iter().find(|import| import.name == *name)) {
            Some(import) if import.path != path => path = import.path.clone(),
            // What the root itself defines is the crate's.
            _ if module.is_empty() => return None,
            _ => return modules.get(&module).copied(),
        }
    }
    None
}

/// The circles of a graph of imports, each with the files that reach one another.
fn found(graph: &BTreeMap<&PathBuf, BTreeSet<&PathBuf>>) -> Vec<String> {
    let reached = |from: &PathBuf| {
        let mut seen: BTreeSet<&PathBuf> = BTreeSet::new();
        let mut next: Vec<&PathBuf> = graph.get(from).into_iter().flatten().copied().collect();
        while let Some(file) = next.pop() {
            if seen.insert(file) {
                next.extend(graph.get(file).into_iter().flatten().copied());
            }
        }
        seen
    };
    let from: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = graph.keys().map(|file| (*file, reached(file))).collect();
    let joined = |a: &PathBuf, b: &PathBuf| from.get(a).is_some_and(|seen| seen.contains(b));
    let mut told: BTreeSet<&PathBuf> = BTreeSet::new();
    let mut out = Vec::new();
    for file in graph.keys().copied() {
        if !joined(file, file) || told.contains(file) {
            continue;
        }
        let circle: Vec<&PathBuf> = graph.keys().copied().filter(|other| joined(file, other) && joined(other, file)).collect();
        told.extend(&circle);
        let names: Vec<String> = circle.iter().map(|file| file.display().to_string()).collect();
        out.push(format!("{}: these files import each other in a circle", names.join(", ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        circles(&files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect())
    }

    #[test]
    fn a_circle_is_found_through_what_a_module_hands_on() {
        let shared = [
            ("a/src/lib.rs", "mod one;\nmod two;\n"),
            ("a/src/one/mod.rs", "mod deep;\npub use deep::{Deep, Other as Renamed};\n"),
            ("a/src/one/deep.rs", "use crate::two::Two;\npub struct Deep(Two);\n"),
        ];
        let two = |text: &'static str| [&shared[..], &[("a/src/two.rs", text)]].concat();
        let circle = ["a/src/one/deep.rs, a/src/two.rs: these files import each other in a circle"];
        assert_eq!(of(&two("use std::fmt;\nuse super::one::{\n    Deep,\n};\n")), circle);
        assert_eq!(of(&two("use crate::one::Renamed;\n")), circle);
        assert_eq!(of(&two("use crate::one::{self, deep::{Deep as D}};\n")), circle);
    }

    #[test]
    fn a_circle_is_found_through_what_the_root_of_the_crate_hands_on() {
        let files = [
            ("a/src/lib.rs", "mod one;\nmod two;\npub use one::One;\npub use two::{Other, Two};\n"),
            ("a/src/one.rs", "use crate::Two;\npub struct One(Two);\n"),
            ("a/src/two.rs", "use crate::{Own, One};\npub struct Two;\n"),
        ];
        assert_eq!(of(&files), ["a/src/one.rs, a/src/two.rs: these files import each other in a circle"]);
        // What the root defines is nobody's.
        let own = [files[0], files[1], ("a/src/two.rs", "use crate::Own;\npub struct Two;\n")];
        assert_eq!(of(&own), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_circle_is_not_told() {
        // An import of tests, a name of another crate, a parent that names its child.
        let files = [
            ("a/src/lib.rs", "mod one;\nmod two;\nuse one::One;\n"),
            ("a/src/one.rs", "use crate::two::Two;\nuse two::Other;\n"),
            ("a/src/two.rs", "use array::one::One;\npub struct Two;\n#[cfg(test)]\nmod tests {\n    use crate::one::One;\n}\n"),
        ];
        assert_eq!(of(&files), Vec::<String>::new());
    }
}
