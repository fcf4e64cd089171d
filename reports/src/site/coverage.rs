//! The page of clauses: for each page of the standard its clauses, with the checks that test them and their verdicts, or why none does.
//!
//! The clauses come from the caller, because results files do not list them.

use std::path::{Path, PathBuf};

use array_assay_format::{Cell, Check, CheckId, Results, Revision, Verdict};
use serde::Serialize;
use tera::{Context, Tera};

use super::mark::{Mark, Piece, prose};
use super::{Label, SCRIPT, STYLE, Site, TEMPLATES, names, put};
use crate::ReportError;
use crate::gate::gated_revision;
use crate::text::{thousands, visible};

/// A page of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardPage {
    /// The name, such as `elementwise/atan2` or `design_topics/accuracy`.
    pub name: String,
    /// The chapter that the page belongs to: a category of functions, or `topics`.
    pub chapter: String,
    /// The URL.
    pub url: Option<String>,
    /// The clauses, in the order of the page.
    pub clauses: Vec<StandardClause>,
}

/// A clause of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardClause {
    /// The name of the clause, unique on its page.
    pub slug: String,
    /// The level: `must`, `should`, `may` or `quality`.
    pub level: String,
    /// What the clause says, if its name does not say it all.
    pub says: Option<String>,
    /// The revisions that have the clause, if not all do.
    pub span: Option<String>,
    /// The URL of the clause, if it is not on the page's newest revision.
    pub url: Option<String>,
    /// The checks that test the clause.
    pub tested_by: Vec<CheckId>,
    /// Why no check tests it.
    pub untestable: Option<String>,
    /// Why the text is doubtful.
    pub doubt: Option<String>,
}

/// The largest number of checks that are shown for a clause.
const SHOWN: usize = 3;

/// Writes `coverage.html` and its style sheet into `out`, and returns the path of the page. With results the page also shows how each backend
/// does, with links to the report, which has to be in the same folder.
pub fn coverage(standard: &[StandardPage], results: &[Results], out: &Path) -> Result<PathBuf, ReportError> {
    let failed = |source| ReportError::Render { page: "coverage.html".to_owned(), source: Box::new(source) };
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES).map_err(failed)?;
    tera.add_raw_template("coverage.html", include_str!("../../templates/coverage.html")).map_err(failed)?;
    let site = (!results.is_empty()).then(|| Site::of(results, &|_| Vec::new()));
    let context = Context::from_serialize(&page(standard, site.as_ref())).map_err(failed)?;
    put(out, "style.css", STYLE)?;
    put(out, "site.js", SCRIPT)?;
    put(out, "coverage.html", &tera.render("coverage.html", &context).map_err(failed)?)
}

#[derive(Serialize)]
struct Page {
    root: &'static str,
    reported: bool,
    backends: Vec<Backend>,
    counts: Counts,
    total: String,
    chapters: Vec<Chapter>,
}

#[derive(Serialize)]
struct Backend {
    label: Label,
    revision: &'static str,
}

#[derive(Serialize)]
struct Chapter {
    name: String,
    anchor: String,
    counts: Counts,
    pages: Vec<PageOfClauses>,
}

#[derive(Serialize)]
struct PageOfClauses {
    name: String,
    url: Option<String>,
    counts: Counts,
    /// For each backend the number of clauses from which it deviates.
    deviating: Vec<usize>,
    clauses: Vec<Clause>,
}

/// The number of clauses by status. Each clause has one status.
#[derive(Default, Clone, Copy, Serialize)]
struct Counts {
    tested: usize,
    doubtful: usize,
    untestable: usize,
    /// Clauses at level `may`, which need no test.
    permits: usize,
}

#[derive(Serialize)]
struct Clause {
    slug: String,
    level: String,
    span: Option<String>,
    url: Option<String>,
    says: Vec<Piece>,
    status: &'static str,
    checks: Vec<Link>,
    more: usize,
    /// For each backend the most serious verdict of the clause's checks.
    marks: Vec<Option<Mark>>,
    untestable: Option<String>,
    doubt: Option<String>,
}

#[derive(Serialize)]
struct Link {
    id: String,
    href: Option<String>,
}

fn page(standard: &[StandardPage], site: Option<&Site<'_>>) -> Page {
    let runs = || site.into_iter().flat_map(|site| &site.runs);
    let revisions: Vec<Revision> = runs().map(|run| gated_revision(&run.results.header)).collect();
    let backends = runs().zip(&revisions).map(|(run, revision)| Backend { label: run.label.clone(), revision: revision.word() });
    let mut chapters: Vec<Chapter> = Vec::new();
    for page in standard {
        let of_page = of_page(page, site, &revisions);
        if chapters.last().is_none_or(|chapter| chapter.name != page.chapter) {
            let anchor = page.chapter.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            chapters.push(Chapter { name: page.chapter.clone(), anchor, counts: Counts::default(), pages: Vec::new() });
        }
        let Some(chapter) = chapters.last_mut() else { continue };
        chapter.counts.add(&of_page.counts);
        chapter.pages.push(of_page);
    }
    let mut counts = Counts::default();
    chapters.iter().for_each(|chapter| counts.add(&chapter.counts));
    let total = thousands((counts.tested + counts.doubtful + counts.untestable + counts.permits) as u64);
    Page { root: "", reported: site.is_some(), backends: backends.collect(), counts, total, chapters }
}

fn of_page(page: &StandardPage, site: Option<&Site<'_>>, revisions: &[Revision]) -> PageOfClauses {
    let mut counts = Counts::default();
    let clauses: Vec<Clause> = page.clauses.iter().map(|clause| counts.count(clause).clause(clause, site, revisions)).collect();
    let bad = |mark: &Option<Mark>| mark.is_some_and(|mark| mark.deviates());
    let deviating = (0..revisions.len()).map(|i| clauses.iter().filter(|clause| clause.doubt.is_none() && bad(&clause.marks[i])).count());
    let url = page.url.as_deref().and_then(names::web).map(str::to_owned);
    PageOfClauses { name: visible(&page.name), url, counts, deviating: deviating.collect(), clauses }
}

/// The status of a clause: `tested`, `doubtful`, `untestable` or `permits`.
#[derive(Clone, Copy)]
struct Status(&'static str);

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.tested += other.tested;
        self.doubtful += other.doubtful;
        self.untestable += other.untestable;
        self.permits += other.permits;
    }

    fn count(&mut self, clause: &StandardClause) -> Status {
        let (word, count) = match clause {
            StandardClause { doubt: Some(_), .. } => ("doubtful", &mut self.doubtful),
            StandardClause { tested_by, .. } if !tested_by.is_empty() => ("tested", &mut self.tested),
            StandardClause { level, .. } if level == "may" => ("permits", &mut self.permits),
            _ => ("untestable", &mut self.untestable),
        };
        *count += 1;
        Status(word)
    }
}

impl Status {
    fn clause(self, clause: &StandardClause, site: Option<&Site<'_>>, revisions: &[Revision]) -> Clause {
        let link = |id: &CheckId| Link {
            id: visible(&id.to_string()),
            href: site.filter(|site| site.runs.iter().any(|run| find(run, id).is_some())).and_then(|site| site.link(id)),
        };
        let marks = site.into_iter().flat_map(|site| &site.runs).zip(revisions).map(|(run, revision)| {
            // A passing check does not test a clause if no judged call met the condition of the clause.
            let of_clause = |check: &Check| match (check.verdict_in(*revision), check.exercised.get(&clause.slug)) {
                (Some(Verdict::Pass), Some(0)) => Some(Verdict::NotTested),
                (verdict, _) => verdict,
            };
            let verdicts = clause.tested_by.iter().filter_map(|id| of_clause(find(run, id)?));
            Cell::overall(verdicts).map(Mark::of)
        });
        Clause {
            slug: visible(&clause.slug),
            level: clause.level.clone(),
            span: clause.span.clone(),
            url: clause.url.as_deref().and_then(names::web).map(str::to_owned),
            says: clause.says.as_deref().map(prose).unwrap_or_default(),
            status: self.0,
            checks: clause.tested_by.iter().take(SHOWN).map(link).collect(),
            more: clause.tested_by.len().saturating_sub(SHOWN),
            marks: marks.collect(),
            untestable: clause.untestable.as_deref().map(visible),
            doubt: clause.doubt.as_deref().map(visible),
        }
    }
}

fn find<'a>(run: &super::Run<'a>, id: &CheckId) -> Option<&'a Check> {
    let checks = run.checks.get(&(id.category.as_str(), id.function.as_str()))?;
    checks.binary_search_by(|check| check.id.cmp(id)).ok().map(|i| checks[i])
}
