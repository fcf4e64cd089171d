//! Reading the YAML files: entry by entry, so that all errors of all files come at once, each with its place.

mod function;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use array_assay_format::Revision;
use array_assay_interface::DType;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::*;
use crate::rules::RuleBody;
use crate::{DtypeSet, Dtypes};
use function::{RawClause, RawFunction};

/// The files of the spec, as built into the binary: path below `spec/`, text.
const FILES: [(&str, &str); 18] = [
    ("revisions.yaml", include_str!("../../revisions.yaml")),
    ("dtypes.yaml", include_str!("../../dtypes.yaml")),
    ("accuracy.yaml", include_str!("../../accuracy.yaml")),
    ("topics.yaml", include_str!("../../topics.yaml")),
    ("functions/elementwise.yaml", include_str!("../../functions/elementwise.yaml")),
    ("functions/creation.yaml", include_str!("../../functions/creation.yaml")),
    ("functions/data_type.yaml", include_str!("../../functions/data_type.yaml")),
    ("functions/linear_algebra.yaml", include_str!("../../functions/linear_algebra.yaml")),
    ("functions/manipulation.yaml", include_str!("../../functions/manipulation.yaml")),
    ("functions/searching.yaml", include_str!("../../functions/searching.yaml")),
    ("functions/set.yaml", include_str!("../../functions/set.yaml")),
    ("functions/sorting.yaml", include_str!("../../functions/sorting.yaml")),
    ("functions/statistical.yaml", include_str!("../../functions/statistical.yaml")),
    ("functions/utility.yaml", include_str!("../../functions/utility.yaml")),
    ("functions/indexing.yaml", include_str!("../../functions/indexing.yaml")),
    ("functions/inspection.yaml", include_str!("../../functions/inspection.yaml")),
    ("functions/constants.yaml", include_str!("../../functions/constants.yaml")),
    ("array.yaml", include_str!("../../array.yaml")),
];

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecError {
    /// The file, below the spec's folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub why: String,
    /// The line's text.
    pub snippet: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.why)?;
        let shown: String = self.snippet.chars().take(160).collect();
        write!(f, "{:>5} | {}", self.line, shown.trim_end())?;
        if self.column <= 160 {
            write!(f, "\n      | {:>width$}", "^", width = self.column)?;
        }
        Ok(())
    }
}

/// All faults of the spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SpecErrors(pub Vec<SpecError>);

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "read the spec: {} fault(s)", self.0.len())?;
        for error in &self.0 {
            writeln!(f, "{error}")?;
        }
        Ok(())
    }
}

impl Spec {
    /// The spec that was built into this binary.
    pub fn embedded() -> &'static Spec {
        static SPEC: OnceLock<Spec> = OnceLock::new();
        SPEC.get_or_init(|| {
            let files: Vec<(String, String)> = FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
            // A test loads the embedded files, so that a fault in them cannot be released.
            Spec::parse(&files).unwrap_or_else(|errors| panic!("the built-in spec is broken: {errors}"))
        })
    }

    /// Reads the spec from a folder: the files at their places below it, and every other YAML file of `functions/`.
    pub fn load(dir: &Path) -> Result<Spec, SpecErrors> {
        let mut paths: Vec<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).filter(|p| !p.starts_with("functions/")).collect();
        let missing = |file: &str, why: String| {
            SpecErrors(vec![SpecError { file: file.to_owned(), line: 1, column: 1, why, snippet: String::new() }])
        };
        let listing = std::fs::read_dir(dir.join("functions")).map_err(|e| missing("functions", format!("open the folder: {e}")))?;
        let mut functions: Vec<String> = listing
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".yaml"))
            .map(|name| format!("functions/{name}"))
            .collect();
        // The element-wise functions first: operators have the semantics of some of them.
        functions.sort_by_key(|path| (path != "functions/elementwise.yaml", path.clone()));
        let array = paths.iter().position(|path| path == "array.yaml").map(|i| paths.remove(i));
        paths.extend(functions);
        paths.extend(array);
        let mut files = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(dir.join(&path)).map_err(|e| missing(&path, format!("open the file: {e}")))?;
            files.push((path, text));
        }
        Spec::parse(&files)
    }

    /// Reads the spec from texts by path.
    pub fn parse(files: &[(String, String)]) -> Result<Spec, SpecErrors> {
        let mut spec = Spec::default();
        let mut errors = Vec::new();
        // Dtypes first: the others name their categories.
        let (dtypes, rest): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| path == "dtypes.yaml");
        for (path, text) in dtypes {
            let file = SourceFile { path, text };
            if let Some(raw) = file.read::<RawDtypes>(&mut errors) {
                spec.dtypes = raw.build(&file, &mut errors);
            }
        }
        for (path, text) in rest {
            let file = SourceFile { path, text };
            match path.as_str() {
                "accuracy.yaml" => {
                    if let Some(raw) = file.read::<RawAccuracy>(&mut errors) {
                        spec.profiles = raw.profiles;
                    }
                }
                "revisions.yaml" => {
                    if let Some(raw) = file.read::<RawRevisions>(&mut errors) {
                        spec.draft = raw.draft;
                    }
                }
                "topics.yaml" => {
                    for (_, raw) in file.entries::<RawTopic>("pages", &mut errors) {
                        let clauses = raw.clauses.into_iter().map(RawClause::build).collect();
                        spec.topics.push(TopicPage { page: raw.page, clauses });
                    }
                }
                _ => {
                    let category = file.head("category", &mut errors);
                    for (chunk, raw) in file.entries::<RawFunction>("functions", &mut errors) {
                        let built = match raw.operator.clone() {
                            None => raw.build(&category, &spec.dtypes, &chunk, &mut errors),
                            Some(operator) => {
                                let like = spec.function("elementwise", &operator.semantics).cloned();
                                if like.is_none() {
                                    let why = format!("`{}` is no element-wise function", operator.semantics);
                                    errors.push(chunk.fault("operator:", 0, why));
                                }
                                like.map(|like| raw.build_operator(operator, &category, &like, &chunk, &mut errors))
                            }
                        };
                        if let Some(function) = built {
                            if spec.function(&category, &function.name).is_some() {
                                errors.push(chunk.fault("name:", 0, format!("the function `{}` stands here twice", function.name)));
                            }
                            spec.functions.push(function);
                        }
                    }
                }
            }
        }
        if errors.is_empty() {
            check_derivations(&spec, files, &mut errors);
        }
        errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        if errors.is_empty() { Ok(spec) } else { Err(SpecErrors(errors)) }
    }
}

/// Expressions of `as_if` may name any function, so they are checked once all are known.
fn check_derivations(spec: &Spec, files: &[(String, String)], errors: &mut Vec<SpecError>) {
    let functions: Vec<&str> = spec.functions.iter().map(|f| f.name.as_str()).collect();
    for function in &spec.functions {
        let names = names_of(function.operands.iter().map(|o| o.name.as_str()));
        for rule in &function.rules {
            let RuleBody::AsIf { expr, .. } = &rule.body else { continue };
            if let Some((why, _)) = expr.unknown(&names, &functions) {
                if function.operator.is_some() {
                    continue;
                }
                let path = format!("functions/{}.yaml", function.category);
                let text = files.iter().find(|(p, _)| *p == path).map_or("", |(_, t)| t.as_str());
                let chunk = Chunk { path: &path, text, line: 1, indent: 0 };
                errors.push(chunk.fault(&format!("slug: {}", rule.slug), 0, format!("{}: {why}", function.name)));
            }
        }
    }
}

fn names_of<'a>(operands: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    operands.chain(["a", "b", "c", "d"]).collect()
}

/// A file, and the finding of entries in it.
struct SourceFile<'a> {
    path: &'a str,
    text: &'a str,
}

/// The text of one entry of a list, and where it stands.
struct Chunk<'a> {
    path: &'a str,
    text: &'a str,
    /// Line of the file in which it starts, from 1.
    line: usize,
    /// Columns removed from the start of its lines.
    indent: usize,
}

impl Chunk<'_> {
    /// A fault `offset` characters behind the first occurrence of `needle`, or at the entry's start.
    fn fault(&self, needle: &str, offset: usize, why: String) -> SpecError {
        let at = self.text.find(needle).unwrap_or(0);
        let line = self.text[..at].matches('\n').count();
        let start = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        self.at(line + 1, at - start + 1 + offset, why)
    }

    fn at(&self, line: usize, column: usize, why: String) -> SpecError {
        let snippet = self.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        SpecError {
            file: self.path.to_owned(),
            line: self.line + line - 1,
            column: column + self.indent,
            why,
            snippet: format!("{}{snippet}", " ".repeat(self.indent)),
        }
    }

    fn yaml(&self, error: &serde_yaml::Error) -> SpecError {
        let (line, column) = error.location().map_or((1, 1), |l| (l.line(), l.column()));
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or(&why).to_owned();
        self.at(line, column, why)
    }
}

impl<'a> SourceFile<'a> {
    fn whole(&self) -> Chunk<'a> {
        Chunk { path: self.path, text: self.text, line: 1, indent: 0 }
    }

    fn read<T: DeserializeOwned>(&self, errors: &mut Vec<SpecError>) -> Option<T> {
        serde_yaml::from_str(self.text).map_err(|e| errors.push(self.whole().yaml(&e))).ok()
    }

    /// The value of a top-level scalar key.
    fn head(&self, key: &str, errors: &mut Vec<SpecError>) -> String {
        match self.text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(':')) {
            Some(value) => value.trim().trim_matches('"').to_owned(),
            None => {
                errors.push(self.whole().at(1, 1, format!("the file lacks the key `{key}:`")));
                String::new()
            }
        }
    }

    /// The entries of the top-level block list `key`.
    fn entries<T: DeserializeOwned>(&self, key: &str, errors: &mut Vec<SpecError>) -> Vec<(Chunk<'a>, T)> {
        let mut out = Vec::new();
        for (line, text) in self.chunks(key, errors) {
            // `- ` becomes two blanks, so that the entry is a mapping and columns stay.
            let indent = text.find('-').unwrap_or(0) + 2;
            let dedented = format!("{}{}", " ".repeat(indent), &text[indent..]);
            let chunk = Chunk { path: self.path, text, line, indent: 0 };
            match serde_yaml::from_str(&dedented) {
                Ok(entry) => out.push((chunk, entry)),
                Err(e) => errors.push(chunk.yaml(&e)),
            }
        }
        out
    }

    fn chunks(&self, key: &str, errors: &mut Vec<SpecError>) -> Vec<(usize, &'a str)> {
        let mut starts: Vec<(usize, usize)> = Vec::new();
        let (mut offset, mut inside, mut indent, mut end) = (0, false, None, self.text.len());
        for (i, line) in self.text.split_inclusive('\n').enumerate() {
            let content = line.trim_start();
            let column = line.len() - content.len();
            let blank = content.trim().is_empty() || content.starts_with('#');
            if inside && !blank && column == 0 && !content.starts_with('-') {
                inside = false;
                end = offset;
            }
            if inside && content.starts_with("- ") && column == *indent.get_or_insert(column) {
                starts.push((i + 1, offset));
            }
            if line.trim_end() == format!("{key}:") {
                inside = true;
                end = self.text.len();
            }
            offset += line.len();
        }
        if starts.is_empty() && !self.text.contains(&format!("{key}: []")) {
            errors.push(self.whole().at(1, 1, format!("the file lacks a block list under `{key}:`")));
        }
        let ends = starts.iter().skip(1).map(|(_, at)| *at).chain([end]);
        starts.iter().zip(ends).map(|((line, from), to)| (*line, &self.text[*from..to])).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDtypes {
    dtypes: Vec<RawDtype>,
    categories: BTreeMap<String, Vec<DType>>,
    promotion: Vec<(DType, DType, DType)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDtype {
    name: DType,
    kind: String,
    bits: usize,
    since: Revision,
}

impl RawDtypes {
    fn build(self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) -> Dtypes {
        let fault = |needle: &str, why: String| file.whole().fault(needle, 0, why);
        let categories: BTreeMap<String, DtypeSet> =
            self.categories.into_iter().map(|(name, list)| (name, list.into_iter().collect())).collect();
        for dtype in DType::ALL {
            if !self.dtypes.iter().any(|d| d.name == dtype) {
                errors.push(fault("dtypes:", format!("the dtype `{dtype}` is missing")));
            }
        }
        for d in &self.dtypes {
            let needle = format!("name: {},", d.name);
            if d.bits != 8 * d.name.size() {
                errors.push(fault(&needle, format!("`{}` has {} bits", d.name, 8 * d.name.size())));
            }
            if !categories.get(&d.kind).is_some_and(|set| set.contains(d.name)) {
                errors.push(fault(&needle, format!("`{}` is not in the category `{}` of its kind", d.name, d.kind)));
            }
        }
        Dtypes {
            since: self.dtypes.iter().map(|d| (d.name, d.since)).collect(),
            promotion: self.promotion.iter().map(|(a, b, c)| ((*a.min(b), *a.max(b)), *c)).collect(),
            categories,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRevisions {
    draft: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccuracy {
    profiles: BTreeMap<String, Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    page: String,
    clauses: Vec<RawClause>,
}
