//! Which functions of libraries behave as the polyfills do, by range of versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use array_assay_format::{Property, Results, Verdict};
use array_assay_interface::DType;
use array_assay_spec::GAPS;
use serde::{Deserialize, Serialize};

/// The verified functions, as `verified.yaml` holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// The ranges of versions, those of a library in ascending order.
    pub ranges: Vec<Range>,
}

/// Versions of a library that behave alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The name of the library's package.
    pub library: String,
    /// The first version that was tried.
    pub first: String,
    /// The last version that was tried.
    pub last: String,
    /// The gaps whose functions passed all checks, and these functions.
    pub functions: BTreeMap<String, Own>,
}

/// A library's own function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// Its path in the namespace.
    pub path: String,
    /// The dtypes of the first array for which it did not pass.
    #[serde(default)]
    pub except: BTreeSet<String>,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.first == self.last { String::new() } else { format!(" to {}", self.last) };
        write!(f, "{} {}{to}", self.library, self.first)
    }
}

/// The numbers of a version, to order versions by.
fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '+', '-']).map_while(|part| part.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()).collect()
}

/// What the file holds before its data.
const HEAD: &str = "# Functions of libraries that passed all checks of their gap, which the emitted Python package calls in place of compositions.\n\
                    # Written by `cargo xtask polyfill --verify RESULTS`, from results of `conform LIBRARY --select 'gaps/*' --level quality`.\n";

impl Verified {
    /// Those that the repository keeps.
    pub fn embedded() -> Verified {
        // The file is part of the program, and a test reads it.
        Verified::parse(include_str!("verified.yaml")).expect("verified.yaml has the form of `Verified`")
    }

    /// Reads the text of the file.
    pub fn parse(text: &str) -> Result<Verified, String> {
        serde_yaml::from_str(text).map_err(|e| e.to_string())
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut out = format!("{HEAD}ranges:\n");
        for range in &self.ranges {
            let Range { library, first, last, functions } = range;
            out.push_str(&format!("  - library: {library}\n    first: \"{first}\"\n    last: \"{last}\"\n    functions:\n"));
            for (name, own) in functions {
                let except: Vec<&str> = own.except.iter().map(String::as_str).collect();
                let except = if except.is_empty() { String::new() } else { format!(", except: [{}]", except.join(", ")) };
                out.push_str(&format!("      {name}: {{path: {}{except}}}\n", own.path));
            }
        }
        out
    }

    /// The ranges of versions in which a function is verified.
    pub fn of<'a>(&'a self, function: &'a str) -> impl Iterator<Item = &'a Range> {
        self.ranges.iter().filter(move |range| range.functions.contains_key(function))
    }

    /// Takes what a results file says of a library. Versions next to each other that behave alike become one range.
    pub fn take(&mut self, results: &Results) {
        let backend = &results.header.backend;
        // A namespace of array-api-compat is that of the library, mended: `compat:torch` is PyTorch.
        let module = backend.library.rsplit(':').next().unwrap_or_default();
        let library = module.split('.').next().unwrap_or(module).to_owned();
        let version = backend.version.split('+').next().unwrap_or_default().to_owned();
        self.ranges.retain(|r| !(r.library == library && r.first == version && r.last == version));
        self.ranges.push(Range { library, first: version.clone(), last: version, functions: passed(results) });
        self.ranges.sort_by(|a, b| (&a.library, numbers(&a.first)).cmp(&(&b.library, numbers(&b.first))));
        let mut merged: Vec<Range> = Vec::new();
        for range in self.ranges.drain(..) {
            match merged.last_mut() {
                Some(before) if before.library == range.library && before.functions == range.functions => {
                    if numbers(&range.last) > numbers(&before.last) {
                        before.last = range.last;
                    }
                }
                _ => merged.push(range),
            }
        }
        self.ranges = merged;
    }

    /// The table as a module of Python, with the functions of these names.
    pub fn python(&self, names: &BTreeSet<&str>) -> String {
        let mut out = format!(
            "{}\"\"\"Functions of libraries that behave as the compositions do, by library and function: first and last\nversion, path, and the dtypes of the first array for which this does not hold.\"\"\"\n\n\
             from __future__ import annotations\n\nfrom typing import TypeAlias\n\n__all__: list[str] = []\n\n\
             Range: TypeAlias = tuple[str, str, str, tuple[str, ...]]\n\nNATIVE: dict[str, dict[str, tuple[Range, ...]]] = {{\n",
            super::GENERATED
        );
        let libraries: BTreeSet<&str> = self.ranges.iter().map(|r| r.library.as_str()).collect();
        for library in libraries {
            out.push_str(&format!("    \"{library}\": {{\n"));
            let own: Vec<&Range> = self.ranges.iter().filter(|r| r.library == library).collect();
            let functions: BTreeSet<&String> =
                own.iter().flat_map(|r| r.functions.keys()).filter(|name| names.contains(name.as_str())).collect();
            for function in functions {
                let places = own.iter().filter_map(|r| {
                    let own = r.functions.get(function)?;
                    let except: String = own.except.iter().map(|dtype| format!("\"{dtype}\", ")).collect();
                    let comma = if own.except.len() == 1 { "," } else { "" };
                    Some(format!("(\"{}\", \"{}\", \"{}\", ({}{comma})),", r.first, r.last, own.path, except.trim_end_matches(", ")))
                });
                out.push_str(&format!("        \"{function}\": ({}),\n", places.collect::<Vec<_>>().join(" ")));
            }
            out.push_str("    },\n");
        }
        out.push_str("}\n");
        out
    }
}

/// The gaps for which a library has a function of its own that passes all checks, perhaps for some dtypes only.
fn passed(results: &Results) -> BTreeMap<String, Own> {
    let mut out = BTreeMap::new();
    for present in results.checks.iter().filter(|check| check.id.category == GAPS && check.property == Property::Present) {
        let Some(native) = present.gap.as_ref().and_then(|gap| gap.native.as_ref()) else { continue };
        let own: Vec<_> = results.checks.iter().filter(|c| c.id.category == GAPS && c.id.function == present.id.function).collect();
        let (mut judged, mut except, mut whole) = (BTreeSet::new(), BTreeSet::new(), true);
        for check in own {
            if check.cells.is_empty() {
                // A function with other parameter names counts too, as long as the calls themselves pass.
                whole &= check.verdict == Verdict::Pass;
            }
            for cell in &check.cells {
                match cell.verdict {
                    Verdict::Pass if check.property == Property::Value => _ = judged.insert(cell.dtype.clone()),
                    Verdict::Pass => {}
                    // The library refuses the dtype, or fails in every case of it. Where it fails in some, it would fail for other
                    // dtypes, too, had the same cases been drawn.
                    _ if is_dtype(&cell.dtype) && cell.failures == cell.cases => _ = except.insert(cell.dtype.clone()),
                    // Two dtypes that meet, or none: no dtype tells beforehand where it does not pass.
                    _ => whole = false,
                }
            }
        }
        let passes = judged.iter().filter(|dtype| !except.contains(*dtype)).count();
        if whole && passes > 0 && passes >= except.len() {
            out.insert(present.id.function.clone(), Own { path: native.path.clone(), except });
        }
    }
    out
}

/// Whether a cell is that of one dtype.
fn is_dtype(cell: &str) -> bool {
    cell.parse::<DType>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str, functions: &[&str]) -> Range {
        let own = |name: &str| Own { path: name.to_owned(), except: BTreeSet::from(["complex64".to_owned()]) };
        let functions = functions.iter().map(|name| ((*name).to_owned(), own(name))).collect();
        Range { library: "numpy".to_owned(), first: first.to_owned(), last: last.to_owned(), functions }
    }

    #[test]
    fn the_file_is_as_the_command_writes_it() {
        let verified = Verified::embedded();
        assert_eq!(verified.text(), include_str!("verified.yaml"));
        assert!(verified.of("nanmax").any(|range| range.library == "numpy"));
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(numbers("2.10.1") > numbers("2.9.9"));
        assert!(numbers("2.4.0rc1") >= numbers("2.4"));
        assert_eq!(numbers("2.15.0+cpu"), [2, 15, 0]);
    }

    #[test]
    fn the_table_names_first_and_last_version() {
        let verified = Verified { ranges: vec![range("2.3", "2.4.6", &["median"]), range("3.0", "3.0", &["median", "kron"])] };
        let python = verified.python(&BTreeSet::from(["median", "kron"]));
        let except = "(\"complex64\",)";
        let median = format!("\"median\": ((\"2.3\", \"2.4.6\", \"median\", {except}), (\"3.0\", \"3.0\", \"median\", {except}),)");
        assert!(python.contains(&median), "{python}");
        assert!(python.contains(&format!("\"kron\": ((\"3.0\", \"3.0\", \"kron\", {except}),)")), "{python}");
        assert!(!verified.python(&BTreeSet::from(["median"])).contains("kron"));
        assert_eq!(Verified::parse(&verified.text()), Ok(verified));
    }
}
