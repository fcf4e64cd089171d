//! The HTML site: an overview for each revision, and a page for each function and each library.

mod accuracy;
mod cluster;
mod consumers;
mod coverage;
mod function;
mod gaps;
mod grid;
mod index;
mod library;
mod mark;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use array_assay_format::{Cause, Check, CheckId, GAPS, Property, Results, Revision};
use serde::Serialize;
use tera::{Context, Tera};

use crate::ReportError;
use crate::gaps::Gaps;
use crate::gate::gated_revision;
use crate::text::one_line;
use names::Names;

pub use coverage::{StandardClause, StandardPage, coverage};

const TEMPLATES: [(&str, &str); 7] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("function.html", include_str!("../../templates/function.html")),
    ("library.html", include_str!("../../templates/library.html")),
    ("gaps.html", include_str!("../../templates/gaps.html")),
    ("consumers.html", include_str!("../../templates/consumers.html")),
];
const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/site.js");

/// What is known of a library's deviation, such as an entry of its baseline says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The check that deviates.
    pub check: CheckId,
    /// The cause of the deviation that is explained.
    pub cause: Cause,
    /// The reason, in a sentence.
    pub reason: String,
    /// The URL of a page that discusses it.
    pub link: Option<String>,
}

/// Writes the site of one or more libraries' results under `out`, and returns the paths of the files, `index.html` first. `known` says what is
/// known of the deviations in one of the results.
///
/// `index.html` shows the newest published revision whose checks ran, `index-2023.12.html` another one, `gaps.html` what the standard lacks,
/// `functions/CATEGORY/NAME.html` a function, and `libraries/NAME.html` a library. The anchors on a function's page are what follows `::` in
/// the ids of its checks. All pages share `style.css` and `site.js`, and can be used without JavaScript.
pub fn site(results: &[Results], known: &dyn Fn(&Results) -> Vec<Explanation>, out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    if results.is_empty() {
        return Err(ReportError::Nothing);
    }
    let mut tera = Tera::new();
    let failed = |page: &str| {
        let page = page.to_owned();
        move |source| ReportError::Render { page, source: Box::new(source) }
    };
    tera.add_raw_templates(TEMPLATES).map_err(failed("the templates"))?;
    let site = Site::of(results, known);
    let mut written = Vec::new();
    let mut write = |path: &str, template: &str, context: &Context| {
        let html = tera.render(template, context).map_err(failed(path))?;
        written.push(put(out, path, &html)?);
        Ok(())
    };
    for revision in site.revisions.iter().rev() {
        let context = Context::from_serialize(&index::page(&site, *revision)).map_err(failed("index.html"))?;
        write(&site.index_path(*revision), "index.html", &context)?;
    }
    for (i, function) in site.functions.iter().enumerate() {
        let context = Context::from_serialize(&function::page(&site, i)).map_err(failed(&function.path))?;
        write(&function.path, "function.html", &context)?;
    }
    if !site.gaps.rows.is_empty() || site.functions.iter().any(|function| function.category == GAPS) {
        let context = Context::from_serialize(&gaps::page(&site)).map_err(failed("gaps.html"))?;
        write("gaps.html", "gaps.html", &context)?;
    }
    if let Some(page) = consumers::page(&site) {
        let context = Context::from_serialize(&page).map_err(failed("consumers.html"))?;
        write("consumers.html", "consumers.html", &context)?;
    }
    for run in &site.runs {
        let context = Context::from_serialize(&library::page(&site, run)).map_err(failed(&run.label.href))?;
        write(&run.label.href, "library.html", &context)?;
    }
    written.push(put(out, "style.css", STYLE)?);
    written.push(put(out, "site.js", SCRIPT)?);
    let front = out.join("index.html");
    written.sort_by_key(|path| *path != front);
    Ok(written)
}

fn put(out: &Path, path: &str, text: &str) -> Result<PathBuf, ReportError> {
    let path = out.join(path);
    let failed = |source| ReportError::Write { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(&path, text).map_err(failed)?;
    Ok(path)
}

/// The results of all backends, joined by function.
struct Site<'a> {
    runs: Vec<Run<'a>>,
    /// The functions, sorted by category and name.
    functions: Vec<Function<'a>>,
    /// The revisions whose checks ran, the oldest first.
    revisions: Vec<Revision>,
    /// The revision that `index.html` shows.
    front: Revision,
    /// The gaps of the standard.
    gaps: Gaps,
}

/// One backend's results.
struct Run<'a> {
    results: &'a Results,
    /// The backend's name and version.
    label: Label,
    /// The checks by (category, function).
    checks: BTreeMap<(&'a str, &'a str), Vec<&'a Check>>,
    /// What is known of its deviations.
    known: Vec<Explanation>,
}

/// The name of a backend on the pages.
#[derive(Debug, Clone, Serialize)]
struct Label {
    name: String,
    version: String,
    /// The anchor of the backend: `b1`, `b2`, ...
    key: String,
    /// Its page, relative to the site's root.
    href: String,
}

/// A link to a page or a place on it.
#[derive(Serialize)]
pub struct Link {
    pub name: String,
    pub href: String,
}

/// A function, and the path of its page.
struct Function<'a> {
    category: &'a str,
    name: &'a str,
    path: String,
}

impl<'a> Site<'a> {
    fn of(results: &'a [Results], known: &dyn Fn(&Results) -> Vec<Explanation>) -> Site<'a> {
        let mut names = Names::default();
        let runs: Vec<Run> = results.iter().enumerate().map(|(i, results)| Run::of(i, results, known(results), &mut names)).collect();
        let keys: BTreeSet<(&str, &str)> = runs.iter().flat_map(|run| run.checks.keys().copied()).collect();
        let functions = keys.into_iter().map(|(category, name)| Function { category, name, path: names.page(category, name) }).collect();
        let ran: BTreeSet<Revision> = results.iter().flat_map(|run| run.header.revisions.iter().copied()).collect();
        let newest = ran.iter().rev().find(|r| Revision::published().contains(r)).or(ran.last()).copied();
        let front = newest.unwrap_or_else(|| gated_revision(&results[0].header));
        let revisions = if ran.is_empty() { vec![front] } else { ran.into_iter().collect() };
        Site { runs, functions, revisions, front, gaps: Gaps::of(results) }
    }

    fn index_path(&self, revision: Revision) -> String {
        if revision == self.front { "index.html".to_owned() } else { format!("index-{revision}.html") }
    }

    /// The page and anchor of a check, relative to the site's root.
    fn link(&self, id: &CheckId) -> Option<String> {
        let place = |f: &Function| (f.category, f.name).cmp(&(id.category.as_str(), id.function.as_str()));
        let function = self.functions.binary_search_by(place).ok().map(|i| &self.functions[i])?;
        Some(format!("{}#{}", function.path, names::anchor(id)))
    }
}

impl<'a> Run<'a> {
    fn of(index: usize, results: &'a Results, known: Vec<Explanation>, names: &mut Names) -> Run<'a> {
        let backend = &results.header.backend;
        let label = Label {
            name: one_line(&backend.name, 60),
            version: one_line(&backend.version, 40),
            key: format!("b{}", index + 1),
            href: names.library(&backend.name, &backend.version),
        };
        let judged: BTreeSet<&str> = results
            .checks
            .iter()
            .filter(|check| check.is_gap() && check.property != Property::Present)
            .map(|c| c.id.function.as_str())
            .collect();
        let mut checks: BTreeMap<(&str, &str), Vec<&Check>> = BTreeMap::new();
        // A gap gets a page only if more than its presence was checked. Consumers have a page of their own.
        for check in results
            .checks
            .iter()
            .filter(|check| !check.is_consumer())
            .filter(|check| check.gap.is_none() || judged.contains(check.id.function.as_str()))
        {
            checks.entry((&check.id.category, &check.id.function)).or_default().push(check);
        }
        for of_function in checks.values_mut() {
            of_function.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Run { results, label, checks, known }
    }

    /// What is known of a check's deviations, for the causes that it has.
    fn known_of(&self, check: &Check) -> impl Iterator<Item = &Explanation> {
        let causes: BTreeSet<Cause> = check.cells.iter().filter_map(|cell| cell.cause).collect();
        let id = check.id.clone();
        self.known.iter().filter(move |known| known.check == id && causes.contains(&known.cause))
    }

    fn checks_of(&self, function: &Function<'a>) -> &[&'a Check] {
        self.checks.get(&(function.category, function.name)).map_or(&[], Vec::as_slice)
    }
}
