//! The HTML site: an overview for each revision, a page for each function, library and library's versions, and the tables for machines.

mod accuracy;
mod background;
mod claims;
mod clauses;
mod cluster;
mod consumer_data;
mod consumers;
mod data;
mod errors;
mod folder;
mod function;
mod gaps;
mod gather;
mod groups;
mod index;
mod input;
mod library;
mod linalg;
mod mark;
mod model;
mod names;
mod plan;
mod questions;
mod replays;
mod timeline;
mod twins;
mod typed;
mod versions;
mod workload;

use std::num::NonZero;
use std::path::{Path, PathBuf};

use array_assay_format::Results;
use serde::Serialize;
use tera::{Context, Tera};

use crate::ReportError;
use folder::Folder;
use gather::Gather;
use model::{Function, Site};
use names::Link;
use versions::Step;

pub use background::{Background, ClaimStanding, Claimed, Freedom, Leaning, Measure, RealConsumers, Really, Told, standard};
pub use clauses::{StandardClause, StandardPage};
pub use input::{Explanation, Input, Read};

const TEMPLATES: [(&str, &str); 16] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("function.html", include_str!("../../templates/function.html")),
    ("library.html", include_str!("../../templates/library.html")),
    ("gaps.html", include_str!("../../templates/gaps.html")),
    ("consumers.html", include_str!("../../templates/consumers.html")),
    ("workload.html", include_str!("../../templates/workload.html")),
    ("linalg.html", include_str!("../../templates/linalg.html")),
    ("timeline.html", include_str!("../../templates/timeline.html")),
    ("questions.html", include_str!("../../templates/questions.html")),
    ("compare.html", include_str!("../../templates/compare.html")),
    ("versions.html", include_str!("../../templates/versions.html")),
    ("version.html", include_str!("../../templates/version.html")),
    ("clauses.html", include_str!("../../templates/clauses.html")),
    ("chapter.html", include_str!("../../templates/chapter.html")),
];
const ICON: &str = include_str!("../../templates/icon.svg");
const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/site.js");

/// Writes the site of the runs under `out`, and returns the paths of the files, `index.html` first. The order of the runs does not matter.
///
/// `index.html` shows the newest published revision whose checks ran, `index-2023.12.html` another one, `functions/CATEGORY/NAME.html` a
/// function, and `libraries/NAME.html` a library. The anchors on a function's page are what follows `::` in the ids of its checks. Of a
/// library with several versions the newest one is shown; `versions/NAME.html` shows what each version changed. Pages of an earlier report
/// in the folder that this one does not have are removed. All pages can be used without JavaScript.
pub fn site<E: From<ReportError>>(inputs: Vec<Input<'_, E>>, background: Option<&Background>, out: &Path) -> Result<Vec<PathBuf>, E> {
    if inputs.is_empty() {
        return Err(ReportError::Nothing.into());
    }
    let (site, steps) = read(inputs)?;
    Ok(write(&site, &steps, background, out)?)
}

/// Writes the pages of clauses into `out`, and returns the path of their overview. With results the pages also say how libraries do, with
/// links to the report, which has to be in the same folder.
pub fn coverage<E: From<ReportError>>(standard: &[StandardPage], inputs: Vec<Input<'_, E>>, out: &Path) -> Result<PathBuf, E> {
    let site = if inputs.is_empty() { None } else { Some(read(inputs)?.0) };
    let nav: &[(&str, &str)] = if site.is_some() { &[("Overview", "index.html"), ("Clauses", "clauses.html")] } else { &[] };
    let pages = Pages::new(Folder::beside(out), nav, false)?;
    pages.clauses(standard, site.as_ref())?;
    pages.shared()?;
    Ok(out.join("clauses.html"))
}

/// Reads the runs in order, each with the step from the version before it.
fn read<E>(inputs: Vec<Input<'_, E>>) -> Result<(Site, Vec<Step>), E> {
    let order = plan::order(&inputs.iter().map(|input| &input.header).collect::<Vec<_>>());
    let mut inputs: Vec<Option<Input<E>>> = inputs.into_iter().map(Some).collect();
    let inputs: Vec<Input<E>> = order.into_iter().filter_map(|at| inputs[at].take()).collect();
    let mut gather = Gather::start(&inputs.iter().map(|input| &input.header).collect::<Vec<_>>());
    let (mut steps, mut before): (Vec<Step>, Option<Results>) = (Vec::new(), None);
    for (at, input) in inputs.into_iter().enumerate() {
        let (results, known) = (input.read)()?;
        let library = |results: &Results| plan::base(&results.header.backend.name).to_owned();
        let version = |results: &Results| plan::Version::of(&results.header.backend.version);
        if let Some(old) = before.take().filter(|old| library(old) == library(&results) && version(old) != version(&results)) {
            steps.push(Step::between(at - 1, &old, at, &results));
        }
        gather.add(&results, &known);
        before = Some(results);
    }
    Ok((gather.finish(), steps))
}

/// The pages while they are written.
struct Pages {
    tera: Tera,
    folder: Folder,
    /// The links that every page has.
    nav: Vec<Link>,
    /// Whether there is a feed of changes.
    feed: bool,
}

impl Pages {
    fn new(folder: Folder, nav: &[(&str, &str)], feed: bool) -> Result<Pages, ReportError> {
        let mut tera = Tera::new();
        let failed = |source| ReportError::Render { page: "the templates".to_owned(), source: Box::new(source) };
        tera.add_raw_templates(TEMPLATES).map_err(failed)?;
        let nav = nav.iter().map(|(name, href)| Link { name: (*name).to_owned(), href: (*href).to_owned() }).collect();
        Ok(Pages { tera, folder, nav, feed })
    }

    fn page(&self, path: &str, template: &str, page: &impl Serialize) -> Result<(), ReportError> {
        let failed = |source| ReportError::Render { page: path.to_owned(), source: Box::new(source) };
        let mut context = Context::from_serialize(page).map_err(failed)?;
        context.insert("nav", &self.nav);
        context.insert("feed", &self.feed);
        context.insert("here", path);
        let html = self.tera.render(template, &context).map_err(failed)?;
        self.folder.put(path, &without_blank_lines(&html))
    }

    /// The pages of functions, which are most of a site. Each processor writes some.
    fn functions(&self, site: &Site) -> Result<(), ReportError> {
        let write = |(at, function): (usize, &Function)| {
            self.page(&function.page, "function.html", &function::page(site, at))?;
            self.folder.put(&format!("{}.json", function.page.trim_end_matches(".html")), &twins::function(site, function))
        };
        let writers = std::thread::available_parallelism().map_or(1, NonZero::get);
        let write_every = |first: usize| site.functions.iter().enumerate().skip(first).step_by(writers).try_for_each(write);
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..writers).map(|first| scope.spawn(move || write_every(first))).collect();
            running.into_iter().try_for_each(|writer| writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    /// The files that every page refers to.
    fn shared(&self) -> Result<(), ReportError> {
        self.folder.put("icon.svg", ICON)?;
        self.folder.put("style.css", STYLE)?;
        self.folder.put("site.js", SCRIPT)
    }

    fn clauses(&self, standard: &[StandardPage], site: Option<&Site>) -> Result<(), ReportError> {
        let (overview, chapters) = clauses::pages(standard, site);
        self.page("clauses.html", "clauses.html", &overview)?;
        chapters.iter().try_for_each(|(path, chapter)| self.page(path, "chapter.html", chapter))
    }
}

/// A page without the blank lines that templates leave. Those of a script or a bug report stay.
fn without_blank_lines(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (i, part) in html.split("<pre").enumerate() {
        let (kept, rest) = match i {
            0 => ("", part),
            _ => part.split_at(part.find("</pre>").unwrap_or(part.len())),
        };
        out.push_str(if i == 0 { "" } else { "<pre" });
        out.push_str(kept);
        let mut lines = rest.split_inclusive('\n');
        out.push_str(lines.next().unwrap_or_default());
        lines.filter(|line| !line.trim().is_empty()).for_each(|line| out.push_str(line));
    }
    out
}

fn write(site: &Site, steps: &[Step], background: Option<&Background>, out: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let standard = background.map(|background| background.standard.as_slice()).unwrap_or_default();
    let overview = versions::overview(site, steps);
    let nav = [
        (true, "Overview", "index.html"),
        (!site.gaps.rows.is_empty(), "Gaps", "gaps.html"),
        (site.runs.iter().any(|run| !run.replays.is_empty()), "Consumers", "consumers.html"),
        (true, "Timeline", "timeline.html"),
        (overview.is_some(), "Versions", "versions.html"),
        (true, "Compare", "compare.html"),
        (!standard.is_empty(), "Clauses", "clauses.html"),
        (true, "Questions", "questions.html"),
    ];
    let nav: Vec<(&str, &str)> = nav.into_iter().filter(|(has, ..)| *has).map(|(_, name, href)| (name, href)).collect();
    let twins = twins::files(site, steps);
    let feed = twins.iter().any(|(path, _)| path == "feed.xml");
    let pages = Pages::new(Folder::of_site(out), &nav, feed)?;
    for revision in site.revisions.iter().rev() {
        pages.page(&index::path(site, *revision), "index.html", &index::page(site, *revision, !standard.is_empty()))?;
    }
    pages.functions(site)?;
    for (at, run) in site.runs.iter().enumerate() {
        pages.page(&run.label.href, "library.html", &library::page(site, at))?;
    }
    if !site.gaps.rows.is_empty() {
        pages.page("gaps.html", "gaps.html", &gaps::page(site, background))?;
    }
    if let Some((overview, workloads)) = consumers::pages(site, background) {
        pages.page("consumers.html", "consumers.html", &overview)?;
        workloads.iter().try_for_each(|(path, workload)| pages.page(path, "workload.html", workload))?;
        if let Ok(linalg) = array_assay_spec::consumer::linalg() {
            pages.page("linalg.html", "linalg.html", &linalg::page(linalg))?;
        }
    }
    pages.page("timeline.html", "timeline.html", &timeline::page(site))?;
    pages.page("questions.html", "questions.html", &questions::page(site))?;
    pages.page("compare.html", "compare.html", &versions::comparable(site))?;
    if let Some(overview) = overview {
        pages.page("versions.html", "versions.html", &overview)?;
    }
    for (path, page) in versions::pages(site, steps) {
        pages.page(&path, "version.html", &page)?;
    }
    if !standard.is_empty() {
        pages.clauses(standard, Some(site))?;
    }
    for (path, text) in twins {
        pages.folder.put(&path, &text)?;
    }
    if let Some(text) = consumer_data::twin(site, background) {
        pages.folder.put("data/consumers.json", &text)?;
    }
    pages.folder.put("data/cells.js", &data::cells(site))?;
    pages.folder.put("data/checks.js", &data::checks(site))?;
    pages.shared()?;
    pages.folder.finish()
}
