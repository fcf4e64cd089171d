//! The gaps of the standard as Markdown: a list by demand, and a draft of a proposal for one function, in the form that the standard's
//! maintainers ask for.

use std::fmt::Write;

use array_assay_format::{Check, Property, Results, Verdict};
use array_assay_spec::{Domain, Gap, Measure, Spec};

use crate::gaps::{Gaps, Native, Standing};
use crate::markdown::escape;
use crate::text::visible;

/// The gaps by demand, each with the state of its proposal. With the results of a backend also which gaps it has a function for, and which
/// functions of the standard it lacks.
pub fn gaps_markdown(spec: &Spec, probed: Option<&Results>) -> String {
    let mut out = String::new();
    let found = probed.map(|results| Gaps::of(std::slice::from_ref(results)));
    let standing = |name: &str| found.as_ref()?.rows.iter().find(|row| row.name == name)?.standings[0].as_ref();
    let mut gaps: Vec<&Gap> = spec.gaps().iter().collect();
    let score = |gap: &Gap| gap.score(&spec.measures);
    gaps.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.function.name.cmp(&b.function.name)));

    line(&mut out, "# What the standard lacks\n");
    for measure in &spec.measures {
        line(&mut out, format!("- *{}* (weight {}): {}; {}, {}", measure.name, measure.weight, measure.says, measure.source, measure.date));
    }
    line(&mut out, "\nDemand is the sum of `weight * log2(1 + count)` over these measures.\n");
    let backend = probed.map(|results| &results.header.backend);
    let title = backend.map_or_else(|| "native".to_owned(), |b| escape(&format!("{} {}", b.name, b.version)));
    line(&mut out, format!("| # | function | demand | status | trackers | {title} |\n|--:|---|--:|---|---|---|"));
    for (i, gap) in gaps.iter().enumerate() {
        let trackers: Vec<String> = gap.trackers.iter().map(|t| format!("[{}#{}]({})", t.repository, t.number, t.url())).collect();
        let native = match (backend, standing(&gap.function.name)) {
            (None, _) => recorded(gap),
            (Some(_), Some(Standing::Native(native))) => format!("`{}`", native.path),
            (Some(_), _) => "absent".to_owned(),
        };
        line(
            &mut out,
            format!(
                "| {} | `{}` | {:.1} | {} | {} | {native} |",
                i + 1,
                gap.function.signature,
                score(gap),
                gap.status.says(),
                trackers.join(" ")
            ),
        );
    }
    if let Some(results) = probed {
        let missing = |check: &&Check| check.property == Property::Present && check.verdict == Verdict::Missing && check.is_of_standard();
        let lacking: Vec<&Check> = results.checks.iter().filter(missing).collect();
        line(&mut out, format!("\n# Functions of the standard that {title} lacks: {}\n", lacking.len()));
        for check in lacking {
            let polyfilled = spec.polyfills.iter().any(|polyfill| polyfill.name == check.function);
            let note = if polyfilled { ", which has a polyfill" } else { "" };
            line(&mut out, format!("- `{}` (since {}){note}", check.function, check.since));
        }
    }
    out
}

/// The libraries that are known to have a function for a gap, with their names for it.
fn recorded(gap: &Gap) -> String {
    let named = gap.native.iter().filter(|(_, native)| !native.names.is_empty());
    named.map(|(library, native)| format!("{library} `{}`", native.names.join("` or `"))).collect::<Vec<_>>().join(", ")
}

/// A draft of a proposal: overview, prior art, demand, signature, semantics, questions, a polyfill, and evidence from results.
pub fn proposal(spec: &Spec, gap: &Gap, results: &[Results]) -> String {
    let name = &gap.function.name;
    let gaps = Gaps::of(results);
    let row = gaps.rows.iter().find(|row| row.name == *name);
    let natives: Vec<(&Results, Option<&Native>)> = results
        .iter()
        .enumerate()
        .filter_map(|(i, run)| match row.and_then(|row| row.standings[i].as_ref())? {
            Standing::Native(native) => Some((run, Some(native))),
            Standing::Absent => Some((run, None)),
        })
        .collect();

    let mut out = String::new();
    line(&mut out, format!("# RFC: add `{name}`\n\n## Overview\n"));
    line(
        &mut out,
        format!("This RFC proposes adding `{name}` to the array API standard: {}. Status so far: {}.\n", gap.says, gap.status.says()),
    );
    for tracker in &gap.trackers {
        let note = tracker.note.as_deref().unwrap_or("discussion");
        line(&mut out, format!("- [{}#{}]({}): {note}", tracker.repository, tracker.number, tracker.url()));
    }
    prior_art(&mut out, gap, &natives);
    demand(&mut out, gap, &spec.measures);
    signature(&mut out, gap);
    semantics(&mut out, gap);
    if !gap.hazards.is_empty() {
        line(&mut out, "\n## Questions\n");
        gap.hazards.iter().for_each(|hazard| line(&mut out, format!("- {hazard}")));
    }
    let own = gap.polyfill.as_ref().map(|body| body.value.as_str());
    let apart = || spec.polyfills.iter().find(|polyfill| polyfill.name == *name).map(|polyfill| polyfill.text.as_str());
    if let Some(body) = own.or_else(apart) {
        line(&mut out, "\n## Polyfill\n\nIt uses only functions of the standard:\n\n```python");
        line(&mut out, format!("def {}:", gap.function.signature));
        body.lines().for_each(|text| line(&mut out, format!("    {text}").trim_end()));
        line(&mut out, "```");
    }
    match &gap.untestable {
        Some(why) => line(&mut out, format!("\n## Conformance of existing functions\n\nArray Assay cannot test this function: {why}.")),
        None => evidence(&mut out, name, results, &natives),
    }
    out
}

fn prior_art(out: &mut String, gap: &Gap, natives: &[(&Results, Option<&Native>)]) {
    line(out, "\n## Prior art\n\n| library | version | signature | notes |\n|---|---|---|---|");
    for (run, native) in natives {
        let backend = &run.header.backend;
        let (signature, note) = match native {
            None => ("not available".to_owned(), String::new()),
            Some(native) => {
                let signature = native.signature.clone().unwrap_or_else(|| native.path.clone());
                (format!("`{}`", visible(&signature).replace('|', "\\|")), native.note.clone().unwrap_or_default())
            }
        };
        line(out, format!("| {} | {} | {signature} | {note} |", escape(&backend.name), escape(&backend.version)));
    }
    let probed = |library: &str| natives.iter().any(|(run, _)| run.header.backend.name == library || run.header.backend.library == library);
    for (library, native) in gap.native.iter().filter(|(library, _)| !probed(library)) {
        let names = native.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let names = if names.is_empty() { "not available".to_owned() } else { names };
        line(out, format!("| {library} | not probed | {names} | {} |", native.note.as_deref().unwrap_or_default()));
    }
    for path in &gap.elsewhere {
        let library = path.split('.').next().unwrap_or(path);
        line(out, format!("| {library} | not probed | `{path}` | not in the namespace of an array library |"));
    }
}

fn demand(out: &mut String, gap: &Gap, measures: &[Measure]) {
    line(out, "\n## Motivation\n");
    let counted: Vec<&Measure> = measures.iter().filter(|measure| gap.count(&measure.name) > 0).collect();
    if counted.is_empty() {
        let count = measures.len();
        line(
            out,
            format!("No demand is recorded: none of the {count} measures counts this function. Add here who needs it, and for what."),
        );
    } else {
        line(out, "| what | count | source |\n|---|--:|---|");
    }
    for measure in counted {
        line(out, format!("| {} | {} | {}, {} |", measure.says, gap.count(&measure.name), measure.source, measure.date));
    }
    if !gap.demand.carried.is_empty() {
        line(out, format!("\nThese projects carry their own version: {}.", gap.demand.carried.join(", ")));
    }
}

fn signature(out: &mut String, gap: &Gap) {
    let function = &gap.function;
    line(out, format!("\n## Proposal\n\n```python\ndef {}\n```\n", function.signature));
    for parameter in &function.parameters {
        let dtypes: Vec<&str> = parameter.dtypes.iter().map(|dtype| dtype.name()).collect();
        let dtypes = if dtypes.is_empty() { String::new() } else { format!(" of dtype {}", dtypes.join(", ")) };
        line(out, format!("- `{}`: {}{dtypes}.", parameter.name, what(&parameter.domain)));
    }
    if gap.untestable.is_none() {
        line(out, format!("- Result: {}; {}.", function.result.dtype.says(), function.says(Property::Shape)));
    }
}

/// The arguments that a parameter takes, in words.
fn what(domain: &Domain) -> String {
    let text = match domain {
        Domain::Array { rank: (0, 4), .. } => "an array",
        Domain::Array { rank: (1, 4), .. } => "an array with at least one axis",
        Domain::Array { rank: (1, 1), .. } => "an array with one axis",
        Domain::Array { rank: (low, 4), .. } => return format!("an array with at least {low} axes"),
        Domain::Array { rank: (low, high), .. } if low == high => return format!("an array with {low} axes"),
        Domain::Array { rank: (low, high), .. } => return format!("an array with {low} to {high} axes"),
        Domain::Arrays { .. } => "arrays",
        Domain::Axis { .. } => "an axis",
        Domain::Axes { .. } => "an axis or a tuple of axes",
        Domain::Flag {} => "a bool",
        Domain::Choice { among } => return format!("one of {}", among.join(", ")),
        Domain::Integer { .. } => "an integer",
        Domain::Real { .. } => "a real number",
        Domain::Number { .. } => "a Python number",
        Domain::Dtype { .. } => "a dtype",
        Domain::Sizes {} => "a shape",
        _ => "see the domain in the spec",
    };
    text.to_owned()
}

fn semantics(out: &mut String, gap: &Gap) {
    let function = &gap.function;
    line(out, format!("\n## Semantics\n\n- It returns {}.", gap.says));
    function.aspects.iter().for_each(|aspect| line(out, format!("- If `{}`: {}.", aspect.when, aspect.says)));
    for raise in &function.raises {
        line(out, format!("- A call raises if `{}` {}.", raise.argument, raise.invalid.says()));
    }
}

fn evidence(out: &mut String, name: &str, results: &[Results], natives: &[(&Results, Option<&Native>)]) {
    line(out, "\n## Conformance of existing functions\n");
    let judged: Vec<_> = natives.iter().filter_map(|(run, native)| native.filter(|n| n.judged > 0).map(|n| (run, n))).collect();
    if judged.is_empty() {
        line(out, format!("No results file has results for it. `conform BACKEND --select 'gaps/{name}'` tests it."));
        return;
    }
    line(out, "| library | version | checks that pass | checks that deviate |\n|---|---|--:|---|");
    for (run, native) in &judged {
        let backend = &run.header.backend;
        let deviating = native.deviating.iter().map(|check| format!("`{check}`")).collect::<Vec<_>>().join(", ");
        let row =
            format!("| {} | {} | {} of {} | {deviating} |", escape(&backend.name), escape(&backend.version), native.passed, native.judged);
        line(out, row);
    }
    for run in results {
        for check in run.checks.iter().filter(|check| check.is_gap() && check.id.function == name && check.verdict != Verdict::Pass) {
            let Some(found) = check.cells.iter().find_map(|cell| cell.counterexample.as_ref()) else { continue };
            let library = escape(&run.header.backend.name);
            line(
                out,
                format!(
                    "\n{library}, `{}`: `{}` gave `{}`, expected {}.",
                    check.id,
                    visible(&found.call),
                    visible(&found.got),
                    visible(&found.expected)
                ),
            );
        }
    }
}

fn line(out: &mut String, text: impl AsRef<str>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", text.as_ref());
}
