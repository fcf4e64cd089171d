//! A library's page: what holds by revision and the shortest way to the next, its deviations by cause, and how it was run.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{CheckId, Property, Revision, Verdict};
use serde::Serialize;

use super::groups::{Example, Group, NAMED, Way};
use super::mark::{Mark, Piece, prose};
use super::model::{Label, Run, Site};
use super::names::Link;
use super::{accuracy, names, versions};
use crate::invocation;
use crate::text::{count, one_line, thousands, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    label: Label,
    day: Option<String>,
    partial: Option<String>,
    facts: Vec<String>,
    claims: String,
    revision: &'static str,
    rungs: Vec<Rung>,
    next: Option<Path>,
    first: Vec<First>,
    groups: Vec<GroupRow>,
    lesser: Vec<GroupRow>,
    died: Vec<GroupRow>,
    deviations: usize,
    reasons: Vec<Reason>,
    accuracy: Accuracy,
    run: Vec<Fact>,
    has: Vec<Fact>,
    excused: Vec<Excuse>,
    untested: Vec<Untold>,
    not_tested: usize,
    few: Option<String>,
    versions: Option<versions::Strip>,
    badge: String,
    /// How many workloads of consumers are blocked, of how many, and where that is shown. `None` if none is.
    consumers: Option<(usize, usize, String)>,
}

/// A revision, and what separates the library from it.
#[derive(Serialize)]
struct Rung {
    revision: &'static str,
    claimed: bool,
    conforms: bool,
    deviations: String,
    functions: usize,
}

/// The shortest way to the next revision: the functions to mend, those with the fewest deviations first.
#[derive(Serialize)]
struct Path {
    revision: &'static str,
    functions: usize,
    steps: Vec<Step>,
    more: usize,
}

#[derive(Serialize)]
struct Step {
    function: Link,
    checks: Vec<Link>,
    more: usize,
}

/// What to mend first, because other checks wait for it.
#[derive(Serialize)]
struct First {
    says: String,
    href: String,
    unblocks: usize,
}

#[derive(Serialize)]
struct GroupRow {
    mark: Mark,
    cause: String,
    kinds: Vec<Piece>,
    checks: usize,
    /// The functions in short, for those who do not open the group.
    short: String,
    functions: Vec<Link>,
    more: usize,
    example: Option<Example>,
}

#[derive(Serialize)]
struct Reason {
    text: Vec<Piece>,
    link: Option<String>,
    checks: Vec<Link>,
    more: usize,
}

#[derive(Serialize)]
struct Accuracy {
    all: usize,
    over: usize,
    worst: Vec<(Link, String)>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Excuse {
    name: String,
    value: usize,
}

#[derive(Serialize)]
struct Untold {
    why: String,
    n: usize,
    /// Functions, each with the number of its checks and dtypes.
    named: Vec<String>,
    more: usize,
}

pub fn page(site: &Site, at: usize) -> Page {
    let run = &site.runs[at];
    let backend = &run.header.backend;
    let revision = run.revision(site.front);
    let library = if backend.library == run.label.name { String::new() } else { backend.library.clone() };
    let mut facts = vec![library, backend.language.clone(), backend.platform.clone()];
    facts.extend(backend.also.iter().map(|(name, version)| format!("{name} {version}")));
    facts.retain(|fact| !fact.is_empty());
    let rows = |keep: &dyn Fn(&Way) -> bool| -> Vec<GroupRow> {
        let mut rows: Vec<GroupRow> =
            run.groups.deviations.iter().filter(|(way, _)| keep(way)).map(|(way, group)| group_row(site, run.newest, way, group)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.checks));
        rows
    };
    let died = |way: &Way| matches!(way.verdict, Verdict::Crash | Verdict::Timeout);
    let groups = rows(&|way| !way.lesser);
    Page {
        root: "../",
        label: run.label.clone(),
        day: run.day().map(str::to_owned),
        partial: run.partial(),
        facts: facts.iter().map(|fact| one_line(fact, 80)).collect(),
        claims: one_line(&backend.claims.join(", "), 80),
        revision: revision.word(),
        rungs: site.revisions.iter().copied().filter(|r| run.judged_by(*r)).map(|r| rung(site, at, r)).collect(),
        next: run.reached().1.map(|next| way_to(site, at, next)),
        first: first(site, run),
        deviations: groups.iter().map(|row| row.checks).sum(),
        groups,
        lesser: rows(&|way| way.lesser),
        died: rows(&|way| died(way)),
        reasons: reasons(site, run),
        accuracy: accuracy_of(site, at),
        run: how_it_ran(run),
        has: what_it_has(run),
        excused: run.groups.excused.iter().map(|(why, n)| Excuse { name: why.clone(), value: *n }).collect(),
        untested: untested(run),
        not_tested: run.groups.untested.values().flat_map(|functions| functions.values()).sum(),
        few: (run.groups.few > 0).then(|| {
            format!("{} of {} had fewer than 8 cases", thousands(run.groups.few as u64), count(run.groups.passing, "passing result"))
        }),
        versions: versions::strip(site, at),
        badge: format!("badges/{}.svg", run.label.key),
        consumers: consumers(run),
    }
}

fn link(site: &Site, id: &CheckId) -> Link {
    Link { name: visible(&id.to_string()), href: site.link(id).unwrap_or_default() }
}

/// How many workloads of consumers are blocked, of how many, and where that is shown.
fn consumers(run: &Run) -> Option<(usize, usize, String)> {
    let replays = run.replays.iter().filter(|check| !super::replays::cases(check).is_empty());
    let (blocked, total) = replays.fold((0, 0), |(blocked, total), check| {
        let blocks = super::replays::cases(check).iter().any(|case| !case.blockers.is_empty());
        (blocked + usize::from(blocks), total + 1)
    });
    (blocked > 0).then(|| (blocked, total, format!("consumers.html#impact-{}", run.label.key)))
}

fn rung(site: &Site, at: usize, revision: Revision) -> Rung {
    let run = &site.runs[at];
    let deviating = site.deviating(at, revision);
    let checks: usize = deviating.iter().map(|(_, checks)| checks.len()).sum();
    Rung {
        revision: revision.word(),
        claimed: run.header.backend.claims.iter().any(|claim| claim == revision.word()),
        conforms: run.footer.conforms.get(&revision).copied().unwrap_or(deviating.is_empty()),
        deviations: format!("{} in {}", count(checks, "deviation"), count(deviating.len(), "function")),
        functions: deviating.len(),
    }
}

/// The functions to mend for a revision.
fn way_to(site: &Site, at: usize, revision: Revision) -> Path {
    /// The largest number of functions, and of checks of one function.
    const SHOWN: (usize, usize) = (40, 4);
    let mut deviating = site.deviating(at, revision);
    deviating.sort_by_key(|(_, checks)| checks.len());
    let step = |(function, checks): &(&super::model::Function, Vec<&super::model::Facts>)| Step {
        function: Link { name: one_line(&function.shown(), 60), href: function.page.clone() },
        checks: checks.iter().take(SHOWN.1).map(|facts| Link { name: names::short(&facts.id), href: link(site, &facts.id).href }).collect(),
        more: checks.len().saturating_sub(SHOWN.1),
    };
    Path {
        revision: revision.word(),
        functions: deviating.len(),
        steps: deviating.iter().take(SHOWN.0).map(step).collect(),
        more: deviating.len().saturating_sub(SHOWN.0),
    }
}

/// What to mend so that the most blocked checks can be judged.
fn first(site: &Site, run: &Run) -> Vec<First> {
    let mut ranked: Vec<(&Arc<CheckId>, usize)> = run.groups.blocked.iter().map(|(id, n)| (id, *n)).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let says = |id: &CheckId| match id.property {
        Property::Present => format!("add {}/{}", id.category, id.function),
        Property::Call => format!("let legal calls of {}/{} return", id.category, id.function),
        _ => format!("mend {id}"),
    };
    let first =
        |(id, n): (&Arc<CheckId>, usize)| First { says: one_line(&says(id), 160), href: site.link(id).unwrap_or_default(), unblocks: n };
    ranked.into_iter().take(8).map(first).collect()
}

fn group_row(site: &Site, newest: bool, way: &Way, group: &Group) -> GroupRow {
    /// The largest number of functions that are named.
    const SHOWN: usize = 60;
    let mut functions: BTreeMap<(&str, &str), (&Arc<CheckId>, usize)> = BTreeMap::new();
    for id in &group.checks {
        functions.entry((&id.category, &id.function)).or_insert((id, 0)).1 += 1;
    }
    let named = |((category, name), (id, n)): (&(&str, &str), &(&Arc<CheckId>, usize))| Link {
        name: one_line(&if *n > 1 { format!("{category}/{name} ({n})") } else { format!("{category}/{name}") }, 80),
        // The pages of functions show the newest versions alone.
        href: site.link(id).filter(|_| newest).unwrap_or_default(),
    };
    GroupRow {
        mark: Mark::of(way.verdict),
        cause: if way.cause.is_empty() { way.verdict.word().to_owned() } else { way.cause.clone() },
        kinds: prose(&way.kinds),
        checks: group.checks.len(),
        short: match functions.len() {
            1..=3 => one_line(&functions.keys().map(|(_, name)| *name).collect::<Vec<_>>().join(", "), 120),
            n => count(n, "function"),
        },
        functions: functions.iter().take(SHOWN).map(named).collect(),
        more: functions.len().saturating_sub(SHOWN),
        example: group.smallest.as_ref().map(|(_, example)| example.clone()),
    }
}

fn reasons(site: &Site, run: &Run) -> Vec<Reason> {
    let reason = |((text, url), checks): (&(String, Option<String>), &Vec<Arc<CheckId>>)| Reason {
        text: prose(text),
        link: url.as_deref().and_then(names::web).map(str::to_owned),
        checks: checks.iter().take(NAMED).map(|id| link(site, id)).collect(),
        more: checks.len().saturating_sub(NAMED),
    };
    let mut reasons: Vec<Reason> = run.groups.reasons.iter().map(reason).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.checks.len() + reason.more));
    reasons
}

fn accuracy_of(site: &Site, at: usize) -> Accuracy {
    let (all, over, worst) = accuracy::summary(site, at);
    let named = worst.into_iter().take(10).map(|(function, excess)| {
        let text =
            if excess.is_finite() { format!("{} times the limit", crate::text::ulp(excess)) } else { "wrong in every digit".to_owned() };
        (Link { name: one_line(&function.shown(), 60), href: format!("{}#accuracy", function.page) }, text)
    });
    Accuracy { all, over, worst: named.collect() }
}

fn how_it_ran(run: &Run) -> Vec<Fact> {
    let (header, footer) = (&run.header, &run.footer);
    let fact = |name, value: String| Fact { name, value: one_line(&value, 400) };
    let mut facts = vec![fact("tool", format!("{} {}", header.tool.name, header.tool.version))];
    facts.extend(footer.finished.as_ref().map(|time| fact("ended", time.replace('T', " ").replace('Z', " UTC"))));
    facts.extend([
        fact("command", invocation(header)),
        fact("cases", format!("{} of each function, half as many of each special case", thousands(u64::from(header.cases)))),
        fact("calls", format!("{} in {:.0} s, on {}", thousands(footer.calls), footer.wall_s, count(footer.workers as usize, "worker"))),
        fact("checks", thousands(footer.checks)),
    ]);
    facts.extend((footer.restarts > 0).then(|| fact("processes started again", thousands(footer.restarts))));
    facts.extend(header.draft.as_ref().map(|commit| fact("commit of the draft", commit.clone())));
    facts
}

fn what_it_has(run: &Run) -> Vec<Fact> {
    let backend = &run.header.backend;
    let listed = |name, items: Vec<String>| (!items.is_empty()).then(|| Fact { name, value: one_line(&items.join(", "), 600) });
    let pairs = |map: &BTreeMap<String, String>| map.iter().map(|(name, why)| format!("{name} ({why})")).collect();
    let lacks = backend.capabilities.iter().filter(|(_, has)| !**has).map(|(name, _)| name.clone()).collect();
    let has = backend.capabilities.iter().filter(|(_, has)| **has).map(|(name, _)| name.clone()).collect();
    [
        listed("dtypes", backend.dtypes.clone()),
        listed("devices", backend.devices.clone()),
        listed("extensions", backend.extensions.clone()),
        listed("capabilities", has),
        listed("capabilities that it lacks", lacks),
        listed("returns these scalars in place of arrays without axes", backend.scalars_for_arrays.clone()),
        listed("values that do not pass in and out unchanged", pairs(&backend.lost)),
        listed("memory layouts that could not be made", pairs(&backend.withdrawn_layouts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What was not tested, by reason, with the functions that this concerns most.
fn untested(run: &Run) -> Vec<Untold> {
    let untold = |(why, functions): (&String, &BTreeMap<String, usize>)| {
        let mut named: Vec<(&String, &usize)> = functions.iter().collect();
        named.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let name = |(name, n): &(&String, &usize)| if **n == 1 { (*name).clone() } else { format!("{name} ({n})") };
        Untold {
            why: why.clone(),
            n: functions.values().sum(),
            named: named.iter().take(NAMED).map(name).collect(),
            more: named.len().saturating_sub(NAMED),
        }
    };
    let mut all: Vec<Untold> = run.groups.untested.iter().map(untold).collect();
    all.sort_by_key(|untold| std::cmp::Reverse(untold.n));
    all.truncate(60);
    all
}
