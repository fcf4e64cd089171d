//! Reading the YAML files: entry by entry, so that all errors of all files come at once, each with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use array_assay_format::{Level, Property, Revision};
use array_assay_interface::DType;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::expr::Expr;
use crate::model::*;
use crate::rules::{Rule, RuleBody};
use crate::{DtypeSet, Dtypes, SpecSignature};

/// The files of the spec, as built into the binary: path below `spec/`, text.
const FILES: [(&str, &str); 17] = [
    ("dtypes.yaml", include_str!("../dtypes.yaml")),
    ("accuracy.yaml", include_str!("../accuracy.yaml")),
    ("topics.yaml", include_str!("../topics.yaml")),
    ("functions/elementwise.yaml", include_str!("../functions/elementwise.yaml")),
    ("functions/creation.yaml", include_str!("../functions/creation.yaml")),
    ("functions/data_type.yaml", include_str!("../functions/data_type.yaml")),
    ("functions/linear_algebra.yaml", include_str!("../functions/linear_algebra.yaml")),
    ("functions/manipulation.yaml", include_str!("../functions/manipulation.yaml")),
    ("functions/searching.yaml", include_str!("../functions/searching.yaml")),
    ("functions/set.yaml", include_str!("../functions/set.yaml")),
    ("functions/sorting.yaml", include_str!("../functions/sorting.yaml")),
    ("functions/statistical.yaml", include_str!("../functions/statistical.yaml")),
    ("functions/utility.yaml", include_str!("../functions/utility.yaml")),
    ("functions/indexing.yaml", include_str!("../functions/indexing.yaml")),
    ("functions/inspection.yaml", include_str!("../functions/inspection.yaml")),
    ("functions/constants.yaml", include_str!("../functions/constants.yaml")),
    ("array.yaml", include_str!("../array.yaml")),
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
struct RawAccuracy {
    profiles: BTreeMap<String, Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    page: String,
    clauses: Vec<RawClause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    name: String,
    since: Revision,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    operator: Option<Operator>,
    #[serde(default)]
    operands: BTreeMap<String, RawOperand>,
    #[serde(default)]
    parameters: serde_yaml::Mapping,
    #[serde(default)]
    aspects: Vec<RawAspect>,
    #[serde(default)]
    raises: Vec<RawRaise>,
    #[serde(default)]
    result: Option<RawResult>,
    #[serde(default)]
    value: BTreeMap<String, ValueClass>,
    #[serde(default)]
    freedoms: Freedoms,
    #[serde(default)]
    safe: BTreeMap<String, SafeValue>,
    #[serde(default)]
    unspecified: Option<String>,
    #[serde(default)]
    hard: Vec<Vec<String>>,
    #[serde(default)]
    special: Vec<RawSpecial>,
    #[serde(default)]
    as_if: Vec<RawAsIf>,
    #[serde(default)]
    symmetries: Vec<RawSymmetry>,
    #[serde(default)]
    clauses: Vec<RawClause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperand {
    dtypes: String,
    #[serde(default)]
    added: BTreeMap<Revision, String>,
    #[serde(default)]
    scalars: Option<Revision>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    same_as: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResult {
    dtype: DtypeRule,
    #[serde(default)]
    dtype_level: Option<Level>,
    #[serde(default = "computed")]
    shape: ShapeRule,
    #[serde(default)]
    earlier: BTreeMap<Revision, DtypeRule>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    tuple: Option<Revision>,
    #[serde(default)]
    mutates: Option<String>,
    #[serde(default)]
    observes: Option<String>,
}

fn computed() -> ShapeRule {
    ShapeRule::Computed
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRaise {
    slug: String,
    spoil: Spoil,
    argument: String,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    doubt: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAspect {
    slug: String,
    properties: Vec<Property>,
    when: String,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    doubt: Option<String>,
    says: String,
    #[serde(default)]
    source: RawSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpecial {
    slug: String,
    #[serde(default, rename = "for")]
    category: Option<String>,
    when: String,
    #[serde(default)]
    then: Option<String>,
    #[serde(default)]
    holds: Option<String>,
    #[serde(default)]
    approx: bool,
    #[serde(default)]
    either_sign: Vec<ComponentName>,
    #[serde(default)]
    alternatives: Vec<String>,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    doubt: Option<String>,
    #[serde(default)]
    source: RawSource,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum ComponentName {
    Re,
    Im,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAsIf {
    slug: String,
    #[serde(rename = "for")]
    category: String,
    expr: String,
    #[serde(default)]
    approx: bool,
    #[serde(default)]
    level: Option<Level>,
    #[serde(default)]
    source: RawSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSymmetry {
    slug: String,
    #[serde(rename = "for")]
    category: String,
    map: SymmetryMap,
    #[serde(default)]
    source: RawSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClause {
    slug: String,
    level: ClauseLevel,
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    untestable: Option<String>,
    #[serde(default)]
    says: Option<String>,
    #[serde(default)]
    since: Option<Revision>,
    #[serde(default)]
    until: Option<Revision>,
    #[serde(default)]
    source: RawSource,
}

impl RawClause {
    fn build(self) -> ClauseEntry {
        ClauseEntry {
            slug: self.slug,
            level: self.level,
            tests: self.tests,
            untestable: self.untestable,
            says: self.says,
            since: self.since,
            until: self.until,
            source: self.source.into(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum RawSource {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl From<RawSource> for Source {
    fn from(raw: RawSource) -> Source {
        match raw {
            RawSource::None => Vec::new(),
            RawSource::One(hash) => vec![hash],
            RawSource::Many(hashes) => hashes,
        }
    }
}

/// Collects the faults of one function while it is built.
struct Builder<'a> {
    chunk: &'a Chunk<'a>,
    dtypes: &'a Dtypes,
    errors: &'a mut Vec<SpecError>,
    names: Vec<String>,
}

impl Builder<'_> {
    fn fault(&mut self, needle: &str, why: String) {
        self.errors.push(self.chunk.fault(needle, 0, why));
    }

    fn category(&mut self, name: &str) -> DtypeSet {
        self.dtypes.category(name).unwrap_or_else(|| {
            self.fault(name, format!("unknown category `{name}` of dtypes; dtypes.yaml lists them"));
            DtypeSet::default()
        })
    }

    /// Parses an expression; with `functions` its names are checked later.
    fn expr(&mut self, text: &str, extra: &[&str], check: bool) -> Option<Expr> {
        match Expr::parse(text) {
            Ok(expr) => {
                let operands: Vec<&str> = self.names.iter().map(String::as_str).collect();
                let names: Vec<&str> = names_of(operands.into_iter()).into_iter().chain(extra.iter().copied()).collect();
                if let Some((why, at)) = check.then(|| expr.unknown(&names, &[])).flatten() {
                    self.errors.push(self.chunk.fault(text, at, why));
                }
                Some(expr)
            }
            Err(error) => {
                self.errors.push(self.chunk.fault(text, error.at, error.why));
                None
            }
        }
    }
}

/// The clauses of an entry.
fn clauses(raw: Vec<RawClause>, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Vec<ClauseEntry> {
    let clauses: Vec<ClauseEntry> = raw.into_iter().map(RawClause::build).collect();
    for clause in clauses.iter().filter(|clause| clause.tests.is_empty() == clause.untestable.is_none()) {
        let why = format!("`{}` needs either `tests` or `untestable`", clause.slug);
        errors.push(chunk.fault(&format!("slug: {},", clause.slug), 0, why));
    }
    clauses
}

impl Builder<'_> {
    /// The parameters of a function that is not element-wise, in the order in which they stand.
    fn parameters(&mut self, raw: serde_yaml::Mapping) -> Vec<Parameter> {
        let mut out: Vec<Parameter> = Vec::new();
        for (name, value) in raw {
            let Some(name) = name.as_str().map(str::to_owned) else { continue };
            let needle = format!("{name}:");
            if !self.names.contains(&name) {
                self.fault(&needle, format!("`{name}` is no parameter of the signature"));
            }
            match RawParameter::take(value) {
                Ok((raw, domain)) => {
                    for other in domain.related().filter(|other| !out.iter().any(|p| p.name == *other)) {
                        self.errors.push(self.chunk.fault(
                            &needle,
                            0,
                            format!("`{other}` has to stand before `{name}`, which refers to it"),
                        ));
                    }
                    let dtypes = raw.dtypes.map(|category| self.category(&category)).unwrap_or_default();
                    let mut added = BTreeMap::new();
                    for (revision, category) in &raw.added {
                        added.extend(self.category(category).iter().map(|d| (d, *revision)));
                    }
                    // What was added is in the domain, whether or not `dtypes` names it again.
                    let dtypes = dtypes.iter().chain(added.keys().copied()).collect();
                    out.push(Parameter { name, domain, dtypes, since: raw.since, added });
                }
                Err(why) => self.fault(&needle, format!("`{name}`: {why}")),
            }
        }
        let missing: Vec<String> = self.names.iter().filter(|name| !out.iter().any(|p| p.name == **name)).cloned().collect();
        if !out.is_empty() {
            for name in missing {
                self.fault("parameters:", format!("the parameter `{name}` is missing"));
            }
        }
        out
    }

    fn raise(&mut self, raw: RawRaise) -> Raise {
        let RawRaise { slug, spoil, argument, level, since, until, doubt } = raw;
        if !self.names.contains(&argument) {
            self.fault(&format!("argument: {argument}"), format!("`{argument}` is no parameter of the signature"));
        }
        let level = if doubt.is_some() { Level::Quality } else { level.unwrap_or(Level::Must) };
        Raise { slug, spoil, argument, level, since, until, doubt }
    }

    fn aspect(&mut self, raw: RawAspect, facts: &[String]) -> Option<Aspect> {
        let when = match Expr::parse(&raw.when) {
            Ok(expr) => expr,
            Err(error) => {
                self.errors.push(self.chunk.fault(&raw.when, error.at, error.why));
                return None;
            }
        };
        let names: Vec<&str> = facts.iter().map(String::as_str).collect();
        if let Some((why, at)) = when.unknown(&names, &[]) {
            self.errors.push(self.chunk.fault(&raw.when, at, why));
        }
        Some(Aspect {
            slug: raw.slug,
            properties: raw.properties,
            when,
            level: if raw.doubt.is_some() { Level::Quality } else { raw.level.unwrap_or(Level::Must) },
            since: raw.since,
            until: raw.until,
            doubt: raw.doubt,
            says: raw.says,
            source: raw.source.into(),
        })
    }
}

/// What every parameter may say besides its domain.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawParameter {
    dtypes: Option<String>,
    since: Option<Revision>,
    added: BTreeMap<Revision, String>,
}

impl RawParameter {
    fn take(value: serde_yaml::Value) -> Result<(RawParameter, Domain), String> {
        let serde_yaml::Value::Mapping(mut domain) = value else { return Err("expected a mapping with the key `is`".to_owned()) };
        let mut common = serde_yaml::Mapping::new();
        for key in ["dtypes", "since", "added"] {
            if let Some(value) = domain.remove(key) {
                common.insert(key.into(), value);
            }
        }
        let common = serde_yaml::from_value(common.into()).map_err(|e| e.to_string())?;
        let domain = serde_yaml::from_value(domain.into()).map_err(|e| e.to_string())?;
        Ok((common, domain))
    }
}

impl RawFunction {
    /// An operator of the array object: the element-wise function `like`, called in another way.
    fn build_operator(
        self,
        operator: Operator,
        category: &str,
        like: &Function,
        chunk: &Chunk<'_>,
        errors: &mut Vec<SpecError>,
    ) -> Function {
        let signature = SpecSignature { name: self.name.clone(), ..like.signature.clone() };
        let clauses = clauses(self.clauses, chunk, errors);
        if operator.complex_scalars.is_some() {
            let complex = like.operands.len() == 2 && like.operands.iter().all(|operand| operand.dtypes.contains(DType::Complex128));
            if operator.form == OperatorForm::InPlace || !complex {
                let why = format!("`{}` cannot give a complex result for a real array and a complex scalar", self.name);
                errors.push(chunk.fault("complex_scalars:", 0, why));
            }
        }
        let mut out = Function {
            category: category.to_owned(),
            name: self.name,
            since: self.since,
            until: self.until,
            path: self.path,
            operator: Some(operator),
            signature,
            clauses,
            ..like.clone()
        };
        // An operator takes Python scalars from its first revision on.
        if out.operands.len() > 1 {
            out.operands.iter_mut().for_each(|operand| operand.scalars = Some(out.since));
        }
        out
    }

    fn build(self, category: &str, dtypes: &Dtypes, chunk: &Chunk<'_>, errors: &mut Vec<SpecError>) -> Option<Function> {
        let before = errors.len();
        let Some(result) = self.result else {
            errors.push(chunk.fault("name:", 0, format!("`{}` lacks `result`", self.name)));
            return None;
        };
        let signature = match SpecSignature::parse(&self.signature) {
            Ok(signature) => signature,
            Err(error) => {
                errors.push(chunk.fault("signature:", 0, error.to_string()));
                return None;
            }
        };
        let mut b = Builder { chunk, dtypes, errors, names: signature.parameters.iter().map(|p| p.name.clone()).collect() };
        if signature.name != self.name {
            b.fault("signature:", format!("the signature is that of `{}`, not of `{}`", signature.name, self.name));
        }
        for name in self.operands.keys().chain(self.safe.keys()) {
            if !b.names.contains(name) {
                b.fault(name, format!("`{name}` is no parameter of `{}`", self.signature));
            }
        }
        let mut operands = Vec::new();
        for name in b.names.clone() {
            let Some(raw) = self.operands.get(&name) else { continue };
            let set = b.category(&raw.dtypes);
            let mut added = BTreeMap::new();
            for (revision, category) in &raw.added {
                added.extend(b.category(category).iter().map(|d| (d, *revision)));
            }
            if let Some(other) = raw.same_as.as_ref().filter(|other| !self.operands.contains_key(*other)) {
                b.fault("same_as:", format!("`{other}` is no operand"));
            }
            operands.push(Operand { name, dtypes: set, added, scalars: raw.scalars, optional: raw.optional, same_as: raw.same_as.clone() });
        }
        let mut value = BTreeMap::new();
        for (category, class) in &self.value {
            value.extend(b.category(category).iter().map(|d| (d, *class)));
        }
        let parameters = b.parameters(self.parameters);
        if parameters.is_empty() == operands.is_empty() && !(parameters.is_empty() && b.names.is_empty()) {
            b.fault("signature:", format!("`{}` needs either `operands` (element-wise) or `parameters`", self.name));
        }
        let facts = facts(&parameters);
        let aspects = self.aspects.into_iter().filter_map(|raw| b.aspect(raw, &facts)).collect();
        let raises = self.raises.into_iter().map(|raw| b.raise(raw)).collect();
        let unspecified = self.unspecified.as_ref().and_then(|text| b.expr(text, &[], true));

        let mut hard = Vec::new();
        for texts in &self.hard {
            if texts.len() != operands.len() {
                b.fault("hard:", format!("a hard case has {} values for {} operands", texts.len(), operands.len()));
            }
            hard.push(texts.iter().filter_map(|text| b.expr(text, &[], true)).collect());
        }
        let mut rules = Vec::new();
        for raw in self.special {
            let needle = format!("slug: {},", raw.slug);
            let dtypes = b.category(raw.category.as_deref().unwrap_or("real floating"));
            let Some(when) = b.expr(&raw.when, &[], true) else { continue };
            let body = match (raw.then, raw.holds) {
                (Some(then), None) => {
                    let Some(then) = b.expr(&then, &[], true) else { continue };
                    let alternatives = raw.alternatives.iter().filter_map(|text| b.expr(text, &[], true)).collect();
                    let either_sign = [raw.either_sign.contains(&ComponentName::Re), raw.either_sign.contains(&ComponentName::Im)];
                    RuleBody::Then { when, then, approx: raw.approx, either_sign, alternatives }
                }
                (None, Some(holds)) => match b.expr(&holds, &["result"], true) {
                    Some(holds) => RuleBody::Holds { when, holds },
                    None => continue,
                },
                _ => {
                    b.fault(&needle, format!("`{}` needs either `then` or `holds`", raw.slug));
                    continue;
                }
            };
            let level = if raw.doubt.is_some() { Level::Quality } else { raw.level.unwrap_or(Level::Must) };
            let (since, until, doubt) = (raw.since, raw.until, raw.doubt);
            rules.push(Rule { slug: raw.slug, dtypes, level, since, until, doubt, source: raw.source.into(), body });
        }
        for raw in self.as_if {
            let dtypes = b.category(&raw.category);
            let Some(expr) = b.expr(&raw.expr, &[], false) else { continue };
            let body = RuleBody::AsIf { expr, approx: raw.approx };
            let level = raw.level.unwrap_or(Level::Must);
            rules.push(Rule { slug: raw.slug, dtypes, level, since: None, until: None, doubt: None, source: raw.source.into(), body });
        }
        for raw in self.symmetries {
            let dtypes = b.category(&raw.category);
            let body = RuleBody::Symmetry(raw.map);
            let source = raw.source.into();
            rules.push(Rule { slug: raw.slug, dtypes, level: Level::Must, since: None, until: None, doubt: None, source, body });
        }
        for (i, rule) in rules.iter().enumerate() {
            if rules[..i].iter().any(|other| other.slug == rule.slug) {
                b.fault(&format!("slug: {},", rule.slug), format!("the slug `{}` stands here twice", rule.slug));
            }
        }
        let clauses = clauses(self.clauses, chunk, b.errors);
        (errors.len() == before).then(|| Function {
            category: category.to_owned(),
            name: self.name,
            since: self.since,
            until: self.until,
            path: self.path,
            operator: None,
            signature,
            operands,
            parameters,
            aspects,
            raises,
            result: ResultRule {
                dtype: result.dtype,
                dtype_level: result.dtype_level.unwrap_or(Level::Must),
                shape: result.shape,
                earlier: result.earlier.into_iter().collect(),
                attributes: result.attributes,
                tuple: result.tuple,
                mutates: result.mutates,
                observes: result.observes,
            },
            value,
            freedoms: self.freedoms,
            safe: self.safe,
            unspecified,
            hard,
            rules,
            clauses,
        })
    }
}
