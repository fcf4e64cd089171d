//! The pages of clauses: for each chapter of the standard its clauses, with the checks that test them and how libraries do, or why no check
//! does.
//!
//! The clauses come from the caller, because results files do not list them.

use array_assay_format::{Cell, CheckId, Revision, Verdict};
use serde::Serialize;

use super::mark::{Mark, Piece, prose};
use super::model::{Facts, Site};
use super::names::{self, Link};
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

/// The largest number of checks, and of libraries, that are named for a clause.
const SHOWN: usize = 3;

/// The overview of the chapters.
#[derive(Serialize)]
pub struct Overview {
    root: &'static str,
    reported: bool,
    counts: Counts,
    total: String,
    chapters: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    href: String,
    counts: Counts,
    pages: usize,
    suspects: usize,
}

/// The clauses of one chapter.
#[derive(Serialize)]
pub struct Chapter {
    root: &'static str,
    reported: bool,
    name: String,
    counts: Counts,
    pages: Vec<PageOfClauses>,
}

#[derive(Serialize)]
struct PageOfClauses {
    name: String,
    url: Option<String>,
    /// The page of the function in the report.
    report: Option<String>,
    counts: Counts,
    /// The number of clauses from which some library deviates.
    deviating: usize,
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
    /// The number of libraries that pass, and what the others do.
    passing: usize,
    others: Vec<(Mark, String)>,
    /// Whether every library that was judged deviates.
    suspect: bool,
    untestable: Option<String>,
    doubt: Option<String>,
}

/// The most clauses on a page. A chapter that has more takes several pages, because a page should open at once.
const MOST_CLAUSES: usize = 500;

/// The overview and the chapters, with the paths of their pages.
pub fn pages(standard: &[StandardPage], site: Option<&Site>) -> (Overview, Vec<(String, Chapter)>) {
    let mut chapters: Vec<(String, Chapter)> = Vec::new();
    let (mut of, mut part, mut clauses) = ("", 0, 0);
    for page in standard {
        let of_page = of_page(page, site);
        if of != page.chapter || clauses + page.clauses.len() > MOST_CLAUSES {
            part = if of == page.chapter { part + 1 } else { 1 };
            (of, clauses) = (&page.chapter, 0);
            let file: String = page.chapter.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
            let (name, path) = match part {
                1 => (page.chapter.clone(), format!("clauses/{file}.html")),
                part => (format!("{}, part {part}", page.chapter), format!("clauses/{file}-{part}.html")),
            };
            let chapter = Chapter { root: "../", reported: site.is_some(), name, counts: Counts::default(), pages: Vec::new() };
            chapters.push((path, chapter));
        }
        clauses += page.clauses.len();
        let Some((_, chapter)) = chapters.last_mut() else { continue };
        chapter.counts.add(&of_page.counts);
        chapter.pages.push(of_page);
    }
    let mut counts = Counts::default();
    chapters.iter().for_each(|(_, chapter)| counts.add(&chapter.counts));
    let entry = |(href, chapter): &(String, Chapter)| Entry {
        name: chapter.name.clone(),
        href: href.clone(),
        counts: chapter.counts,
        pages: chapter.pages.len(),
        suspects: chapter.pages.iter().flat_map(|page| &page.clauses).filter(|clause| clause.suspect).count(),
    };
    let total = thousands((counts.tested + counts.doubtful + counts.untestable + counts.permits) as u64);
    let overview = Overview { root: "", reported: site.is_some(), counts, total, chapters: chapters.iter().map(entry).collect() };
    (overview, chapters)
}

fn of_page(page: &StandardPage, site: Option<&Site>) -> PageOfClauses {
    let mut counts = Counts::default();
    let clauses: Vec<Clause> = page.clauses.iter().map(|clause| of_clause(page, clause, counts.count(clause), site)).collect();
    let (category, name) = page.name.split_once('/').unwrap_or_default();
    PageOfClauses {
        name: visible(&page.name),
        url: page.url.as_deref().and_then(names::web).map(str::to_owned),
        report: site.and_then(|site| site.function(category, name)).map(|function| function.page.clone()),
        counts,
        deviating: clauses
            .iter()
            .filter(|clause| clause.doubt.is_none() && clause.others.iter().any(|(mark, _)| mark.class != "n"))
            .count(),
        clauses,
    }
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

fn of_clause(page: &StandardPage, clause: &StandardClause, status: Status, site: Option<&Site>) -> Clause {
    let own = |id: &CheckId| page.name.split_once('/') == Some((&id.category, &id.function));
    let link = |id: &CheckId| Link {
        // On the page of its function, a check needs no more than the rest of its name.
        name: visible(&if own(id) { names::short(id) } else { id.to_string() }),
        href: site.filter(|site| find(site, id).is_some()).and_then(|site| site.link(id)).unwrap_or_default(),
    };
    let verdicts = site.map(|site| verdicts(site, clause)).unwrap_or_default();
    let passing = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Pass).count();
    let of = |verdict: Verdict| -> Vec<&str> { verdicts.iter().filter(|(_, v)| *v == verdict).map(|(name, _)| *name).collect() };
    let others = Verdict::ALL.iter().rev().filter(|verdict| **verdict != Verdict::Pass).map(|verdict| (*verdict, of(*verdict)));
    let named = |names: &[&str]| {
        if names.len() <= SHOWN {
            names.join(", ")
        } else {
            format!("{} and {} more", names[..SHOWN - 1].join(", "), names.len() + 1 - SHOWN)
        }
    };
    let judged = verdicts.iter().filter(|(_, verdict)| verdict.is_judged()).count();
    Clause {
        slug: visible(&clause.slug),
        level: clause.level.clone(),
        span: clause.span.clone(),
        // The head of the page has the link to the page itself.
        url: clause.url.as_deref().filter(|url| Some(*url) != page.url.as_deref()).and_then(names::web).map(str::to_owned),
        says: clause.says.as_deref().map(prose).unwrap_or_default(),
        status: status.0,
        checks: clause.tested_by.iter().take(SHOWN).map(link).collect(),
        more: clause.tested_by.len().saturating_sub(SHOWN),
        passing,
        suspect: clause.doubt.is_none() && passing == 0 && judged > 1,
        others: others.filter(|(_, names)| !names.is_empty()).map(|(verdict, names)| (Mark::of(verdict), named(&names))).collect(),
        untestable: clause.untestable.as_deref().map(visible),
        doubt: clause.doubt.as_deref().map(visible),
    }
}

/// How each of the newest runs does on the checks of a clause, by the revision of its default gate.
fn verdicts<'s>(site: &'s Site, clause: &StandardClause) -> Vec<(&'s str, Verdict)> {
    let facts: Vec<&Facts> = clause.tested_by.iter().filter_map(|id| find(site, id)).collect();
    let of_run = |(at, run): (usize, &'s super::model::Run)| {
        let revision: Revision = gated_revision(&run.header);
        let verdicts = facts.iter().filter_map(|facts| {
            let judged = facts.of_run(at)?;
            // A passing check does not test a clause if no judged call met the condition of the clause.
            match judged.at(revision)? {
                Verdict::Pass if judged.idle.iter().any(|slug| **slug == *clause.slug) => Some(Verdict::NotTested),
                verdict => Some(verdict),
            }
        });
        Some((run.label.name.as_str(), Cell::overall(verdicts)?))
    };
    site.newest().filter_map(of_run).collect()
}

fn find<'s>(site: &'s Site, id: &CheckId) -> Option<&'s Facts> {
    let function = site.function(&id.category, &id.function)?;
    function.checks.binary_search_by(|facts| (*facts.id).cmp(id)).ok().map(|at| &function.checks[at])
}
