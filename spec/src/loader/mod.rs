//! Reads the YAML files, one entry at a time, so that all errors of all files are reported at once, each with its place.

mod builder;
mod function;
mod polyfill;
mod result;
mod source;
mod special;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use array_assay_format::Revision;
use array_assay_interface::DType;
use serde::Deserialize;

use crate::capabilities::RawCapability;
use crate::clause::TopicPage;
use crate::error::{SpecError, SpecErrors};
use crate::gap::{GAPS, Measure};
use crate::model::*;
use crate::pages::{Page, RawPages};
use crate::polyfill::{Place, Polyfill};
use crate::rule::RuleBody;
use crate::standard::{Profile, Spec};
use crate::{DtypeSet, Dtypes};
use function::{RawClause, RawFunction};
use polyfill::RawPolyfill;
use source::{Chunk, SourceFile, names_of};

/// The files of the spec that are built into the binary: path below `spec/` and text.
const FILES: [(&str, &str); 22] = [
    ("revisions.yaml", include_str!("../../revisions.yaml")),
    ("dtypes.yaml", include_str!("../../dtypes.yaml")),
    ("capabilities.yaml", include_str!("../../capabilities.yaml")),
    ("accuracy.yaml", include_str!("../../accuracy.yaml")),
    ("topics.yaml", include_str!("../../topics.yaml")),
    ("pages.yaml", include_str!("../../pages.yaml")),
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
    ("extensions/fft.yaml", include_str!("../../extensions/fft.yaml")),
    ("array.yaml", include_str!("../../array.yaml")),
    ("extensions/linalg.yaml", include_str!("../../extensions/linalg.yaml")),
];

/// The files of gaps and polyfills that are built into the binary.
const GAP_FILES: &[(&str, &str)] = &[
    (DEMAND, include_str!("../../gaps/demand.yaml")),
    ("gaps/elementwise.yaml", include_str!("../../gaps/elementwise.yaml")),
    ("gaps/functional.yaml", include_str!("../../gaps/functional.yaml")),
    ("gaps/indexing.yaml", include_str!("../../gaps/indexing.yaml")),
    ("gaps/linear_algebra.yaml", include_str!("../../gaps/linear_algebra.yaml")),
    ("gaps/manipulation.yaml", include_str!("../../gaps/manipulation.yaml")),
    ("gaps/nan.yaml", include_str!("../../gaps/nan.yaml")),
    ("gaps/sets.yaml", include_str!("../../gaps/sets.yaml")),
    ("gaps/special.yaml", include_str!("../../gaps/special.yaml")),
    ("gaps/statistics.yaml", include_str!("../../gaps/statistics.yaml")),
    ("polyfills/elementwise.yaml", include_str!("../../polyfills/elementwise.yaml")),
    ("polyfills/manipulation.yaml", include_str!("../../polyfills/manipulation.yaml")),
    ("polyfills/nan.yaml", include_str!("../../polyfills/nan.yaml")),
    ("polyfills/standard.yaml", include_str!("../../polyfills/standard.yaml")),
    ("polyfills/statistics.yaml", include_str!("../../polyfills/statistics.yaml")),
];

const DTYPES: &str = "dtypes.yaml";
const CAPABILITIES: &str = "capabilities.yaml";
const GAPS_FOLDER: &str = "gaps/";
const POLYFILLS_FOLDER: &str = "polyfills/";

/// The file of the measures of demand.
const DEMAND: &str = "gaps/demand.yaml";

impl Spec {
    /// The spec that was built into this binary, or its faults. A release has none, but whoever edits the spec builds them in.
    pub fn built_in() -> Result<&'static Spec, &'static SpecErrors> {
        static SPEC: OnceLock<Result<Spec, SpecErrors>> = OnceLock::new();
        let read = || {
            let files: Vec<(String, String)> =
                FILES.iter().chain(GAP_FILES).map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
            Spec::parse(&files)
        };
        SPEC.get_or_init(read).as_ref()
    }

    /// The spec that was built into this binary.
    ///
    /// # Panics
    ///
    /// If it has faults: a program asks [`Spec::built_in`] for them first.
    pub fn embedded() -> &'static Spec {
        Spec::built_in().unwrap_or_else(|errors| panic!("the built-in spec is broken: {errors}"))
    }

    /// Reads the spec from a folder: the files that are built in, from their places in the folder, and every other YAML file of
    /// `functions/`, `extensions/`, `gaps/` and `polyfills/`.
    pub fn load(dir: &Path) -> Result<Spec, SpecErrors> {
        let of_folder = |p: &String| p.starts_with("functions/") || p.starts_with("extensions/");
        let mut paths: Vec<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).filter(|p| !of_folder(p)).collect();
        let missing = |file: &str, why: String| {
            SpecErrors(vec![SpecError { file: file.to_owned(), line: 1, column: 1, why, snippet: String::new() }])
        };
        let listed = |folder: &str| -> Result<Vec<String>, SpecErrors> {
            let listing = std::fs::read_dir(dir.join(folder)).map_err(|e| missing(folder, format!("open the folder: {e}")))?;
            let names = listing.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| name.ends_with(".yaml"));
            let mut paths: Vec<String> = names.map(|name| format!("{folder}/{name}")).collect();
            paths.sort();
            Ok(paths)
        };
        let mut functions = listed("functions")?;
        // The element-wise functions come first, because operators have the semantics of some of them.
        functions.sort_by_key(|path| (path != "functions/elementwise.yaml", path.clone()));
        let array = paths.iter().position(|path| path == "array.yaml").map(|i| paths.remove(i));
        paths.extend(functions);
        paths.extend(array);
        // The extensions come last, because they may have functions of the main namespace under another path.
        paths.extend(listed("extensions")?);
        paths.extend(listed("gaps")?);
        paths.extend(listed("polyfills")?);
        let mut files = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(dir.join(&path)).map_err(|e| missing(&path, format!("open the file: {e}")))?;
            files.push((path, text));
        }
        Spec::parse(&files)
    }

    /// Reads the spec from texts by path.
    pub fn parse(files: &[(String, String)]) -> Result<Spec, SpecErrors> {
        let (mut spec, mut errors) = (Spec::default(), Vec::new());
        let of = |takes: fn(&str) -> bool| files.iter().filter(move |(path, _)| takes(path)).map(|(path, text)| SourceFile { path, text });
        // Dtypes first: the other files name their categories.
        for file in of(|path| path == DTYPES) {
            if let Some(raw) = file.read::<RawDtypes>(&mut errors) {
                spec.dtypes = raw.build(&file, &mut errors);
            }
        }
        of(is_of_standard).for_each(|file| spec.read_standard(&file, &mut errors));
        spec.link_pages();
        for file in of(|path| path == DEMAND) {
            if let Some(raw) = file.read::<RawDemand>(&mut errors) {
                spec.measures = raw.measures;
            }
        }
        of(|path| path.starts_with(GAPS_FOLDER) && path != DEMAND).for_each(|file| spec.read_gaps(&file, &mut errors));
        of(|path| path.starts_with(POLYFILLS_FOLDER)).for_each(|file| spec.read_polyfills(&file, &mut errors));
        // Capabilities last: they name functions.
        if errors.is_empty() {
            of(|path| path == CAPABILITIES).for_each(|file| spec.read_capabilities(&file, &mut errors));
        }
        if errors.is_empty() {
            check_derivations(&spec, files, &mut errors);
            errors.extend(spec.polyfills.iter().flat_map(|polyfill| polyfill.check(&spec)));
        }
        errors.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        if errors.is_empty() { Ok(spec) } else { Err(SpecErrors(errors)) }
    }
}

impl Spec {
    /// Reads a file of the standard: its functions, or what else its name says.
    fn read_standard(&mut self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) {
        match file.path {
            "accuracy.yaml" => {
                if let Some(raw) = file.read::<RawAccuracy>(errors) {
                    self.profiles = raw.profiles;
                }
            }
            "revisions.yaml" => {
                if let Some(raw) = file.read::<RawRevisions>(errors) {
                    self.draft = raw.draft;
                }
            }
            "topics.yaml" => {
                for (chunk, raw) in file.entries::<RawTopic>("pages", errors) {
                    // A page is about many functions, so its clauses have no facts about calls.
                    let clauses = raw.clauses.into_iter().map(|clause: RawClause| clause.build(&[], &chunk, errors)).collect();
                    self.topics.push(TopicPage { page: Page::unknown(raw.page), clauses });
                }
            }
            "pages.yaml" => file.entries("pages", errors).into_iter().for_each(|(_, raw): (_, RawPages)| self.pages.add(raw)),
            _ => self.read_functions(file, errors),
        }
    }

    /// Reads the functions of a category.
    fn read_functions(&mut self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) {
        let category = file.head("category", errors);
        // Without a page, the links of the functions are dead, which `spec check` reports.
        let pattern = file.optional_head("page").unwrap_or_default();
        for (chunk, raw) in file.entries::<RawFunction>("functions", errors) {
            let page = raw.page.clone();
            let built = match raw.operator.clone() {
                None if raw.alias.is_some() => raw.build_alias(&category, self, &chunk, errors),
                None => raw.build(&category, &self.dtypes, &chunk, errors),
                Some(operator) => {
                    let like = self.function("elementwise", &operator.semantics).cloned();
                    if like.is_none() {
                        let why = format!("`{}` is no element-wise function", operator.semantics);
                        errors.push(chunk.fault("operator:", 0, why));
                    }
                    like.map(|like| raw.build_operator(operator, &category, &like, &chunk, errors))
                }
            };
            let Some(mut function) = built else { continue };
            function.is_extension = file.path.starts_with("extensions/");
            let path = page.unwrap_or_else(|| pattern.replace("NAME", &function.name));
            function.page = Described::Standard(Page::unknown(path));
            if self.function(&category, &function.name).is_some() {
                errors.push(chunk.fault("name:", 0, format!("the function `{}` stands here twice", function.name)));
            }
            self.functions.push(function);
        }
    }

    /// Adds to each function and topic page the revisions that have its page.
    fn link_pages(&mut self) {
        let Spec { functions, topics, pages, .. } = self;
        let described = functions.iter_mut().filter_map(|f| if let Described::Standard(page) = &mut f.page { Some(page) } else { None });
        described.chain(topics.iter_mut().map(|topic| &mut topic.page)).for_each(|page| *page = pages.page(&page.path));
    }

    /// Reads the polyfills of a file.
    fn read_polyfills(&mut self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) {
        for (chunk, raw) in file.entries::<RawPolyfill>("polyfills", errors) {
            match raw.build(self, &chunk) {
                Ok(polyfill) => self.polyfills.push(polyfill),
                Err(error) => errors.push(error),
            }
        }
    }

    /// Reads what a library may lack.
    fn read_capabilities(&mut self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) {
        for (chunk, raw) in file.entries::<RawCapability>("capabilities", errors) {
            match raw.build(&self.functions) {
                Ok(capability) => self.capabilities.push(capability),
                Err((at, why)) => errors.push(chunk.fault(&at, 0, why)),
            }
        }
    }

    /// Reads the gaps of a file.
    fn read_gaps(&mut self, file: &SourceFile<'_>, errors: &mut Vec<SpecError>) {
        let category = file.head("category", errors);
        if category != GAPS {
            errors.push(file.whole().fault("category:", 0, format!("the category of a gap is `{GAPS}`")));
        }
        for (chunk, raw) in file.entries::<RawFunction>("functions", errors) {
            let Some(gap) = raw.build_gap(&self.measures, &self.dtypes, &chunk, errors) else { continue };
            let name = &gap.function.name;
            if self.gap(name).is_some() {
                errors.push(chunk.fault("name:", 0, format!("the gap `{name}` stands here twice")));
            }
            if self.functions.iter().any(|f| f.path() == gap.function.path()) {
                errors.push(chunk.fault("name:", 0, format!("`{name}` is a function of the standard")));
            }
            if let Some(text) = &gap.polyfill {
                match Polyfill::parse(name, gap.function.signature.clone(), &text.value, Place::of(text)) {
                    Ok(polyfill) => self.polyfills.push(polyfill),
                    Err(error) => errors.push(error),
                }
            }
            self.gaps.push(gap);
        }
    }
}

/// Whether a file holds facts of the standard beside dtypes and capabilities, which are read before and after them.
fn is_of_standard(path: &str) -> bool {
    ![DTYPES, CAPABILITIES].contains(&path) && ![GAPS_FOLDER, POLYFILLS_FOLDER].iter().any(|folder| path.starts_with(folder))
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
struct RawDemand {
    measures: Vec<Measure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    page: String,
    clauses: Vec<RawClause>,
}
