//! The tables of the site for machines: JSON and CSV, badges, a feed of changes, and the overview as plain text.

use std::collections::BTreeMap;

use array_assay_format::{Cell, Revision, Verdict};
use serde::Serialize;

use super::model::{COLUMNS, Function, Run, Site, column_names};
use super::versions::{LISTS, Step, share};
use super::{names, versions};
use crate::badge::Badge;
use crate::gaps::Standing;
use crate::text::{count, one_line, visible};

/// The schema of the JSON files.
pub const SCHEMA: &str = include_str!("../../site.schema.json");

/// The files of the tables, by path.
pub fn files(site: &Site, steps: &[Step]) -> Vec<(String, String)> {
    let mut files = vec![
        ("data/schema.json".to_owned(), SCHEMA.to_owned()),
        ("data/libraries.json".to_owned(), json(&libraries(site))),
        ("data/libraries.csv".to_owned(), libraries_csv(site)),
        ("data/functions.json".to_owned(), json(&functions(site))),
        ("data/functions.csv".to_owned(), functions_csv(site)),
        ("llms.txt".to_owned(), plain_text(site)),
    ];
    if !site.gaps.rows.is_empty() {
        files.push(("data/gaps.json".to_owned(), json(&gaps(site))));
        files.push(("data/gaps.csv".to_owned(), gaps_csv(site)));
    }
    if !steps.is_empty() {
        files.push(("data/versions.json".to_owned(), json(&version_steps(site, steps))));
        files.push(("data/versions.csv".to_owned(), versions_csv(site)));
    }
    files.extend(feed(site, steps).map(|feed| ("feed.xml".to_owned(), feed)));
    for (at, run) in site.runs.iter().enumerate() {
        let badge = badge(site, at, run);
        files.push((format!("badges/{}.svg", run.label.key), badge.svg()));
        files.push((format!("badges/{}.json", run.label.key), badge.json()));
    }
    files
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default() + "\n"
}

/// Whether a run conforms to the revision of its default gate, or how many functions deviate.
fn badge(site: &Site, at: usize, run: &Run) -> Badge {
    let revision = crate::gated_revision(&run.header);
    let conforms = run.footer.conforms.get(&revision) == Some(&true);
    Badge::of(revision.word(), run.partial().is_some(), conforms, site.deviating(at, revision).len())
}

#[derive(Serialize)]
struct Libraries {
    schema: &'static str,
    libraries: Vec<Library>,
}

#[derive(Serialize)]
struct Library {
    key: String,
    name: String,
    version: String,
    newest: bool,
    page: String,
    finished: Option<String>,
    claims: Vec<String>,
    /// By revision.
    conforms: BTreeMap<Revision, bool>,
    deviating_functions: BTreeMap<Revision, usize>,
    /// The checks at level must that pass, and all that could.
    checks: BTreeMap<Revision, (usize, usize)>,
    seed: u64,
    cases: u32,
    calls: u64,
    tool: String,
    platform: String,
    language: String,
}

fn libraries(site: &Site) -> Libraries {
    let library = |(at, run): (usize, &Run)| {
        let judged: Vec<Revision> = site.revisions.iter().copied().filter(|revision| run.judged_by(*revision)).collect();
        Library {
            key: run.label.key.clone(),
            name: run.label.name.clone(),
            version: run.label.version.clone(),
            newest: run.newest,
            page: run.label.href.clone(),
            finished: run.footer.finished.as_deref().map(visible),
            claims: run.header.backend.claims.iter().map(|claim| one_line(claim, 40)).collect(),
            conforms: run.footer.conforms.clone(),
            deviating_functions: judged.iter().map(|revision| (*revision, site.deviating(at, *revision).len())).collect(),
            checks: judged.iter().filter_map(|revision| Some((*revision, share(site, at, *revision)?))).collect(),
            seed: run.header.seed,
            cases: run.header.cases,
            calls: run.footer.calls,
            tool: one_line(&format!("{} {}", run.header.tool.name, run.header.tool.version), 80),
            platform: one_line(&run.header.backend.platform, 80),
            language: one_line(&run.header.backend.language, 80),
        }
    };
    Libraries { schema: "schema.json#/$defs/libraries", libraries: site.runs.iter().enumerate().map(library).collect() }
}

/// A field of CSV. What a spreadsheet would take for a formula gets a quote in front.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn line<'t>(fields: impl IntoIterator<Item = &'t str>) -> String {
    fields.into_iter().map(field).collect::<Vec<_>>().join(",") + "\n"
}

fn libraries_csv(site: &Site) -> String {
    let mut out = line([
        "key",
        "name",
        "version",
        "newest",
        "finished",
        "claims",
        "revision",
        "conforms",
        "deviating_functions",
        "passed",
        "checks",
        "seed",
        "cases",
        "calls",
    ]);
    for library in libraries(site).libraries {
        for (revision, functions) in &library.deviating_functions {
            let (passed, all) = library.checks.get(revision).copied().unwrap_or_default();
            let conforms = library.conforms.get(revision).copied().unwrap_or_default();
            let numbers = [*functions as u64, passed as u64, all as u64, library.seed, u64::from(library.cases), library.calls]
                .map(|n| n.to_string());
            let texts = [
                library.key.as_str(),
                &library.name,
                &library.version,
                if library.newest { "true" } else { "false" },
                library.finished.as_deref().unwrap_or_default(),
                &library.claims.join(" "),
                revision.word(),
                if conforms { "true" } else { "false" },
            ];
            out.push_str(&line(texts.into_iter().chain(numbers.iter().map(String::as_str))));
        }
    }
    out
}

#[derive(Serialize)]
struct Functions {
    schema: &'static str,
    functions: Vec<OfFunction>,
}

#[derive(Serialize)]
struct OfFunction {
    category: String,
    name: String,
    since: Revision,
    page: String,
    /// By revision and key of the library.
    verdicts: BTreeMap<Revision, BTreeMap<String, &'static str>>,
}

fn functions(site: &Site) -> Functions {
    let of_function = |function: &Function| OfFunction {
        category: one_line(&function.category, 80),
        name: one_line(&function.name, 80),
        since: function.since(),
        page: function.page.clone(),
        verdicts: site
            .revisions
            .iter()
            .filter(|revision| **revision >= function.since())
            .map(|r| (*r, verdicts(site, function, *r)))
            .collect(),
    };
    let of_standard = site.functions.iter().filter(|function| !function.is_gap());
    Functions { schema: "schema.json#/$defs/functions", functions: of_standard.map(of_function).collect() }
}

fn verdicts(site: &Site, function: &Function, revision: Revision) -> BTreeMap<String, &'static str> {
    site.newest().filter_map(|(at, run)| Some((run.label.key.clone(), function.standing(at, run, revision)?.verdict.word()))).collect()
}

fn functions_csv(site: &Site) -> String {
    let keys: Vec<&str> = site.newest().map(|(_, run)| run.label.key.as_str()).collect();
    let mut out = line(["category", "function", "since", "revision"].into_iter().chain(keys.iter().copied()));
    for function in functions(site).functions {
        for (revision, verdicts) in &function.verdicts {
            let texts = [function.category.as_str(), &function.name, function.since.word(), revision.word()];
            out.push_str(&line(texts.into_iter().chain(keys.iter().map(|key| verdicts.get(*key).copied().unwrap_or_default()))));
        }
    }
    out
}

#[derive(Serialize)]
struct Gaps {
    schema: &'static str,
    gaps: Vec<Gap>,
}

#[derive(Serialize)]
struct Gap {
    name: String,
    signature: String,
    says: String,
    status: String,
    demand: f64,
    carried: Vec<String>,
    trackers: Vec<String>,
    /// By key of the library: `absent`, or the path of its own function.
    libraries: BTreeMap<String, String>,
}

fn gaps(site: &Site) -> Gaps {
    let gap = |row: &crate::gaps::Row| Gap {
        name: one_line(&row.name, 80),
        signature: one_line(&row.known.proposed, 200),
        says: one_line(&row.known.says, 300),
        status: one_line(&row.known.status, 80),
        demand: row.known.demand,
        carried: row.known.carried.iter().map(|name| one_line(name, 80)).collect(),
        trackers: row.known.trackers.iter().filter_map(|url| names::web(url)).map(str::to_owned).collect(),
        libraries: site
            .newest()
            .zip(&row.standings)
            .filter_map(|((_, run), standing)| {
                let has = match standing.as_ref()? {
                    Standing::Absent => "absent".to_owned(),
                    Standing::Native(native) => one_line(&native.path, 80),
                };
                Some((run.label.key.clone(), has))
            })
            .collect(),
    };
    Gaps { schema: "schema.json#/$defs/gaps", gaps: site.gaps.rows.iter().map(gap).collect() }
}

fn gaps_csv(site: &Site) -> String {
    let keys: Vec<&str> = site.newest().map(|(_, run)| run.label.key.as_str()).collect();
    let mut out = line(["name", "signature", "status", "demand", "carried"].into_iter().chain(keys.iter().copied()));
    for gap in gaps(site).gaps {
        let demand = format!("{:.1}", gap.demand);
        let carried = gap.carried.join("; ");
        let texts = [gap.name.as_str(), &gap.signature, &gap.status, &demand, &carried];
        out.push_str(&line(texts.into_iter().chain(keys.iter().map(|key| gap.libraries.get(*key).map_or("", String::as_str)))));
    }
    out
}

#[derive(Serialize)]
struct VersionSteps<'s> {
    schema: &'static str,
    steps: Vec<VersionStep<'s>>,
}

#[derive(Serialize)]
struct VersionStep<'s> {
    library: &'s str,
    from: &'s str,
    to: &'s str,
    notes: &'s [String],
    /// By the name of the list: fixed, broken, new crashes, newly missing.
    changes: BTreeMap<&'static str, &'s Vec<versions::Changed>>,
}

fn version_steps<'s>(site: &'s Site, steps: &'s [Step]) -> VersionSteps<'s> {
    let step = |step: &'s Step| VersionStep {
        library: &site.runs[step.to].label.name,
        from: &site.runs[step.from].label.version,
        to: &site.runs[step.to].label.version,
        notes: &step.notes,
        changes: LISTS.into_iter().zip(&step.lists).collect(),
    };
    VersionSteps { schema: "schema.json#/$defs/versions", steps: steps.iter().map(step).collect() }
}

fn versions_csv(site: &Site) -> String {
    let mut out = line(["library", "version", "revision", "passed", "checks"]);
    for at in site.libraries().into_iter().filter(|versions| versions.len() > 1).flatten() {
        for revision in &site.revisions {
            let Some((passed, all)) = share(site, at, *revision) else { continue };
            let label = &site.runs[at].label;
            out.push_str(&line([label.name.as_str(), &label.version, revision.word(), &passed.to_string(), &all.to_string()]));
        }
    }
    out
}

/// The grid of a function and the checks that do not pass, for machines.
#[derive(Serialize)]
struct FunctionTwin<'s> {
    schema: &'static str,
    category: String,
    name: String,
    since: Revision,
    revision: Revision,
    /// By key of the library and dtype.
    dtypes: BTreeMap<&'s str, BTreeMap<&'static str, &'static str>>,
    /// By check, then by key of the library: what does not pass.
    checks: BTreeMap<String, BTreeMap<&'s str, NotPassing>>,
}

#[derive(Serialize)]
struct NotPassing {
    verdict: &'static str,
    cause: Option<&'static str>,
}

/// The page of a function as JSON.
pub fn function(site: &Site, function: &Function) -> String {
    let names = column_names();
    let dtypes = |at: usize| -> BTreeMap<&'static str, &'static str> {
        let column = |column: usize| {
            let counted = function.checks.iter().filter(|facts| facts.counts());
            let verdict = Cell::overall(counted.filter_map(|facts| facts.of_run(at)?.columns[column]))?;
            Some((names[column].0, verdict.word()))
        };
        (0..COLUMNS).filter_map(column).collect()
    };
    json(&FunctionTwin {
        schema: "data/schema.json#/$defs/function",
        category: one_line(&function.category, 80),
        name: one_line(&function.name, 80),
        since: function.since(),
        revision: site.front,
        dtypes: site.newest().map(|(at, run)| (run.label.key.as_str(), dtypes(at))).filter(|(_, dtypes)| !dtypes.is_empty()).collect(),
        checks: function
            .checks
            .iter()
            .map(|facts| (visible(&names::short(&facts.id)), not_passing(site, facts)))
            .filter(|(_, found)| !found.is_empty())
            .collect(),
    })
}

fn not_passing<'s>(site: &'s Site, facts: &super::model::Facts) -> BTreeMap<&'s str, NotPassing> {
    let mut found = BTreeMap::new();
    for (at, run) in site.newest() {
        let Some(judged) = facts.of_run(at) else { continue };
        let verdict = facts.verdict(judged, site.front);
        if verdict != Verdict::Pass {
            let cause = judged.cause.map(|cause| cause.word());
            found.insert(run.label.key.as_str(), NotPassing { verdict: verdict.word(), cause });
        }
    }
    found
}

/// An Atom feed of what each version changed. `None` if no run says when it ended.
fn feed(site: &Site, steps: &[Step]) -> Option<String> {
    let time = |step: &Step| site.runs[step.to].footer.finished.clone();
    let mut dated: Vec<(String, &Step)> = steps.iter().filter_map(|step| Some((time(step)?, step))).collect();
    dated.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.to.cmp(&a.1.to)));
    let updated = escape(&dated.first()?.0);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>Array Assay: changes of libraries</title>\n\
         <id>urn:array-assay:changes</id>\n<updated>{updated}</updated>\n<author><name>Array Assay</name></author>\n<link rel=\"self\" href=\"feed.xml\"/>\n"
    );
    for (time, step) in dated.iter().take(100) {
        let (from, to) = (&site.runs[step.from].label, &site.runs[step.to].label);
        let counts = step.lists.iter().zip(LISTS).filter(|(list, _)| !list.is_empty()).map(|(list, name)| format!("{} {name}", list.len()));
        let says = counts.collect::<Vec<_>>().join(", ");
        let says = if says.is_empty() { "nothing changed".to_owned() } else { says };
        let newest =
            site.libraries().into_iter().find(|versions| versions.contains(&step.to)).and_then(|versions| versions.last().copied());
        let page = newest.map(|at| versions::page_path(&site.runs[at].label)).unwrap_or_default();
        out.push_str(&format!(
            "<entry><title>{} {} → {}: {says}</title><id>urn:array-assay:{}:{}</id><updated>{}</updated><link href=\"{page}#{}\"/>\
             <summary>{says}, compared with version {}</summary></entry>\n",
            escape(&to.name),
            escape(&from.version),
            escape(&to.version),
            from.key,
            to.key,
            escape(time),
            to.key,
            escape(&from.version),
        ));
    }
    out.push_str("</feed>\n");
    Some(out)
}

fn escape(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The overview as plain text.
fn plain_text(site: &Site) -> String {
    let mut out = format!(
        "# Array Assay: who implements the Python array API standard\n\n> Array libraries tested against the standard \
         (https://data-apis.org/array-api/latest/), function by function. Revision: {}.\n\n",
        site.front
    );
    out.push_str(
        "Each result was compared with an independent oracle. What the standard leaves open is never a failure.\n\n## Libraries\n\n",
    );
    for (at, run) in site.newest() {
        let judged = site.revisions.iter().filter(|revision| run.judged_by(**revision));
        let distances = judged.map(|revision| format!("{revision}: {}", count(site.deviating(at, *revision).len(), "deviating function")));
        out.push_str(&format!(
            "- {} {} (claims {}; {} cases a function): {}\n",
            run.label.name,
            run.label.version,
            one_line(&run.header.backend.claims.join(", "), 80),
            run.header.cases,
            distances.collect::<Vec<_>>().join("; ")
        ));
    }
    out.push_str("\n## Functions\n\nA library that is not named passes.\n\n");
    for function in site.functions.iter().filter(|function| !function.is_gap()) {
        let mut by_verdict: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (at, run) in site.newest() {
            if let Some(standing) = function.standing(at, run, site.front) {
                by_verdict.entry(standing.verdict.word()).or_default().push(&run.label.name);
            }
        }
        by_verdict.remove("pass");
        let parts: Vec<String> = by_verdict.into_iter().map(|(verdict, names)| format!("{verdict}: {}", names.join(", "))).collect();
        let parts = if parts.is_empty() { "pass".to_owned() } else { parts.join("; ") };
        out.push_str(&format!("- {}/{}: {parts}\n", one_line(&function.category, 80), one_line(&function.name, 80)));
    }
    out.push_str("\n## Data\n\n- data/libraries.json, data/functions.json, data/gaps.json, data/versions.json, each also as .csv; schema: data/schema.json\n");
    out
}
