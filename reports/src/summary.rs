//! The summary of a run for a terminal.

use std::collections::BTreeMap;

use array_assay_format::{Accuracy, Cause, Cell, Check, CheckId, Covered, FLOOR, Footer, Level, Met, Property, Results, Revision, Verdict};

use crate::Gate;
use crate::gaps::{Gaps, Standing};
use crate::gate::{Tally, deviation};
use crate::text::{count, dtypes, one_line, thousands, ulp};
use crate::untested::Untested;

/// The largest number of deviations shown in full.
const SHOWN: usize = 40;
/// The largest number of deviations at level should, one line each.
const SHOWN_BELOW: usize = 15;
/// The largest number of lines about what was not tested.
const SHOWN_UNTESTED: usize = 8;
/// The largest number of suggestions of what to fix first.
const NEXT: usize = 5;
/// The largest number of characters of a call, a result or a clause.
const WIDTH: usize = 160;

/// The summary with the default gate. `expected` says which checks have known deviations.
pub fn summary(results: &Results, expected: &dyn Fn(&CheckId) -> bool, colour: bool) -> String {
    summary_gated(results, &Gate::of(results, expected), colour)
}

/// The summary with the given gate: a table by category, each unexpected deviation with its smallest counterexample, the revisions that the
/// backend conforms to, and the number of known deviations. `colour` adds the colours of a terminal.
pub fn summary_gated(results: &Results, gate: &Gate<'_>, colour: bool) -> String {
    let mut page = Page { out: String::new(), paint: Paint(colour), results, gate };
    page.title();
    page.table();
    page.deviations();
    page.lists();
    page.below();
    page.gaps();
    page.close();
    page.out
}

struct Page<'a> {
    out: String,
    paint: Paint,
    results: &'a Results,
    gate: &'a Gate<'a>,
}

impl Page<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref().trim_end());
        self.out.push('\n');
    }

    fn title(&mut self) {
        let (header, footer, gate) = (&self.results.header, &self.results.footer, self.gate);
        let backend = &header.backend;
        let mut parts = vec![self.paint.bold(&one_line(&format!("{} {}", backend.name, backend.version), 80))];
        parts.extend(backend.also.iter().map(|(name, version)| one_line(&format!("{name} {version}"), 80)));
        parts.extend([
            one_line(&backend.language, 40),
            format!("standard {}", gate.revision),
            format!("level {}", gate.level),
            format!("{} calls in {:.1} s", thousands(footer.calls), footer.wall_s),
            overhead(footer),
        ]);
        parts.retain(|part| !part.is_empty());
        self.line(parts.join(" · "));
        for (name, value) in header.restrictions().filter(|(name, _)| *name != "shard") {
            self.line(format!("only with --{} {}", one_line(name, 40), one_line(value, WIDTH)));
        }
        if !backend.scalars_for_arrays.is_empty() {
            let types = one_line(&backend.scalars_for_arrays.join(", "), WIDTH);
            let note = self.paint.dim(&format!("scalar types that count as arrays, because they have the attributes of one: {types}"));
            self.line(note);
        }
        for (what, example) in &backend.lost {
            let text = format!("not tested, because the library does not hand it back unchanged: {what}: {example}");
            self.line(one_line(&text, 2 * WIDTH));
        }
    }

    /// A table with a row per category: the number of counted checks with each verdict, then the number of deviations at the other levels.
    fn table(&mut self) {
        let gate = self.gate;
        let mut rows: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
        for check in self.results.checks.iter().filter(|check| check.applies_to(gate.revision) && check.is_of_standard()) {
            rows.entry(&check.category).or_default().push(check);
        }
        if rows.is_empty() {
            return;
        }
        let verdicts = [
            (Verdict::Pass, true),
            (Verdict::Fail, true),
            (Verdict::Missing, true),
            (Verdict::Unsupported, true),
            (Verdict::Blocked, true),
            (Verdict::NotTested, false),
            (Verdict::Crash, false),
            (Verdict::Timeout, false),
            (Verdict::Flaky, false),
        ];
        let of = |checks: &[&Check]| Tally::of(checks.iter().copied().filter(|check| gate.counts(check)), gate.revision);
        let all: Vec<&Check> = rows.values().flatten().copied().collect();
        let total = of(&all);
        let columns: Vec<Verdict> = verdicts.iter().filter(|(v, always)| *always || total.get(*v) > 0).map(|(v, _)| *v).collect();
        let below = [Level::Should, Level::Quality].into_iter().filter(|level| *level > gate.level).collect::<Vec<_>>();

        let width = rows.keys().map(|name| name.chars().count()).chain([8]).max().unwrap_or(8);
        let mut head = format!("{:width$} {:>7}", "", "checks");
        for verdict in &columns {
            let word = match verdict {
                Verdict::Unsupported => "unsupp.",
                Verdict::NotTested => "untested",
                other => other.word(),
            };
            head.push_str(&format!(" {word:>8}"));
        }
        for level in &below {
            head.push_str(&format!("  {level:>7}"));
        }
        self.line("");
        let head = self.paint.dim(&head);
        self.line(head);
        let many = rows.len() > 1;
        for (name, checks) in rows.iter().map(|(name, checks)| (*name, checks.as_slice())).chain(many.then_some(("all", &*all))) {
            let tally = of(checks);
            let mut row = format!("{:width$} {:>7}", one_line(name, width), number(tally.total()));
            for verdict in &columns {
                let n = tally.get(*verdict);
                row.push_str(&self.paint.verdict(*verdict, n > 0, &format!(" {:>8}", number(n))));
            }
            for level in &below {
                let deviating =
                    checks.iter().filter(|check| check.level == *level && !gate.counts(check) && deviation(check, gate.revision).is_some());
                row.push_str(&format!("  {:>7}", number(deviating.count() as u64)));
            }
            self.line(row);
        }
        if !below.is_empty() {
            let names: Vec<&str> = below.iter().map(|level| level.word()).collect();
            let names = names.join(", ");
            let note = self.paint.dim(&format!("{:width$} the last columns count deviations at level {names}", ""));
            self.line(note);
        }
    }

    /// The checks that count and deviate unexpectedly, the most serious first.
    fn unexpected(&self) -> Vec<(&Check, Verdict)> {
        let counted = self.results.checks.iter().filter(|c| self.gate.counts(c) && !(self.gate.expected)(&c.id));
        let mut found: Vec<_> = counted.filter_map(|c| Some((c, deviation(c, self.gate.revision)?))).collect();
        found.sort_by(|(a, verdict), (b, other)| (a.level, other, &a.id).cmp(&(b.level, verdict, &b.id)));
        found
    }

    /// The unexpected deviations that have a counterexample, each on its own lines.
    fn deviations(&mut self) {
        let found: Vec<(Check, Verdict)> =
            self.unexpected().into_iter().filter(|(c, v)| own_lines(c, *v)).map(|(c, v)| (c.clone(), v)).collect();
        if !found.is_empty() {
            self.line("");
            let text = self.paint.bold(&count(found.len(), "deviation"));
            self.line(text);
        }
        for (check, verdict) in found.iter().take(SHOWN) {
            self.deviation(check, *verdict);
        }
        if found.len() > SHOWN {
            self.line(format!("  … and {} more; the report's pages show all", found.len() - SHOWN));
        }
    }

    fn deviation(&mut self, check: &Check, verdict: Verdict) {
        let (paint, revision) = (self.paint, self.gate.revision);
        let cells = self.gate.unexpected(check, cells(check, revision).filter(|cell| cell.deviates()).collect());
        let mut causes: Vec<&str> = cells.iter().filter_map(|cell| cell.cause).map(Cause::word).collect();
        causes.dedup();
        let mut head = vec![paint.verdict(verdict, true, &one_line(&check.id.to_string(), WIDTH)), check.level.to_string()];
        if causes.is_empty() {
            head.push(verdict.to_string());
        } else {
            head.push(causes.join(" "));
        }
        head.push(dtypes(cells.iter().map(|cell| cell.dtype.as_str())));
        head.extend(devices(&cells));
        head.retain(|part| !part.is_empty());
        self.line(format!("  {}", head.join("  ")));

        if let Some(found) = cells.iter().find_map(|cell| cell.counterexample.as_ref()) {
            self.line(format!("      {}", one_line(&found.call, WIDTH)));
            self.line(format!("      {} {}", paint.dim("got     "), one_line(&found.got, WIDTH)));
            self.line(format!("      {} {}", paint.dim("expected"), one_line(&found.expected, WIDTH)));
            if let Some(note) = &found.note {
                self.line(format!("      {} {}", paint.dim("note    "), one_line(note, WIDTH)));
            }
        }
        if let Some(clause) = &check.clause {
            self.line(format!("      {} {}", paint.dim("standard"), one_line(&clause.says, WIDTH)));
            if !clause.url.is_empty() {
                self.line(format!("               {}", paint.dim(&one_line(&clause.url, WIDTH))));
            }
        }
        if let Some(doubt) = &check.doubt {
            self.line(format!("      {} {}", paint.dim("doubt   "), one_line(doubt, WIDTH)));
        }
    }

    /// Missing functions, missing capabilities, and blocked checks with what blocks them, one line each.
    fn lists(&mut self) {
        let unexpected = self.unexpected();
        let missing: Vec<String> = names(unexpected.iter().filter(|(c, v)| is_absence(c, *v)).map(|(c, _)| *c));
        let unsupported = unexpected.iter().filter(|(_, v)| *v == Verdict::Unsupported).map(|(c, _)| *c);
        let unsupported: Vec<String> = names(unsupported);
        let mut blocked: BTreeMap<String, usize> = BTreeMap::new();
        for check in self.results.checks.iter().filter(|c| c.verdict_in(self.gate.revision) == Some(Verdict::Blocked) && c.is_of_standard())
        {
            let by = check.blocked_by.as_ref().map_or("several other checks".to_owned(), |id| id.to_string());
            *blocked.entry(by).or_default() += 1;
        }
        let sum: usize = blocked.values().sum();
        let mut by: Vec<(String, usize)> = blocked.into_iter().collect();
        by.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let by: Vec<String> = by.into_iter().map(|(id, n)| format!("{n} by {}", one_line(&id, 80))).collect();

        self.list("missing", missing.len(), &missing, usize::MAX);
        self.list("unsupported", unsupported.len(), &unsupported, SHOWN);
        self.list("blocked", sum, &by, 5);
        self.excused();
        self.untested();
        self.next();
    }

    /// The checks that are excused, because the library may lack or refuse something: a count for each reason.
    fn excused(&mut self) {
        let (results, revision) = (self.results, self.gate.revision);
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for check in results.checks.iter().filter(|c| c.verdict_in(revision) == Some(Verdict::Unsupported) && c.is_of_standard()) {
            if deviation(check, revision).is_none() {
                let note = check.cells.iter().find_map(|cell| cell.note.as_deref());
                *reasons.entry(note.unwrap_or("the library lacks something that the check needs")).or_default() += 1;
            }
        }
        if reasons.is_empty() {
            return;
        }
        self.line("");
        let title = self.paint.bold(&format!("excused ({})", reasons.values().sum::<usize>()));
        self.line(title);
        for (why, n) in reasons {
            self.line(format!("  {}: {}", count(n, "check"), one_line(why, WIDTH)));
        }
    }

    /// What the run did not test, with the reason, and how many results rest on few cases.
    fn untested(&mut self) {
        let untested = Untested::of(self.results, self.gate);
        if let Some(counts) = untested.counts() {
            self.line("");
            let title = self.paint.bold(&format!("not tested: {counts}"));
            self.line(title);
            for (what, why) in untested.lines().take(SHOWN_UNTESTED) {
                self.line(format!("  {}  {}", one_line(&what, WIDTH), one_line(why, WIDTH)));
            }
            let more = untested.lines().count().saturating_sub(SHOWN_UNTESTED);
            if more > 0 {
                self.line(format!("  … and {more} more; the results file has all"));
            }
        }
        if untested.few > 0 {
            self.line("");
            let (few, all) = (thousands(untested.few as u64), count(untested.cells, "passing result"));
            self.line(format!("{few} of {all} (a check on one dtype) had fewer than {FLOOR} cases"));
        }
        self.covered();
    }

    /// How much of the choices behind the cases was tried, if not all.
    fn covered(&mut self) {
        let covered: Vec<Covered> = self.results.checks.iter().filter_map(|check| check.covered).collect();
        let whole = |of: fn(&Covered) -> Met| covered.iter().map(of).filter(|met| met.met == met.all).count();
        let (each, pairs) = (whole(|c| c.levels), whole(|c| c.pairs));
        if pairs == covered.len() {
            return;
        }
        let (met, all) = covered.iter().fold((0, 0), |(met, all), one| (met + one.pairs.met, all + one.pairs.all));
        self.line(format!(
            "each dtype, rank, layout, way to pass an argument and so on was tried for {each} of {}, all pairs of them for {pairs} ({} of \
             the pairs); more --cases try more",
            count(covered.len(), "function"),
            percent(met, all),
        ));
    }

    /// What to fix so that the most blocked checks can be judged, the most useful first.
    fn next(&mut self) {
        let mut after: BTreeMap<&CheckId, usize> = BTreeMap::new();
        let blocked =
            self.results.checks.iter().filter(|c| self.gate.counts(c) && c.verdict_in(self.gate.revision) == Some(Verdict::Blocked));
        for by in blocked.filter_map(|check| check.blocked_by.as_ref()) {
            *after.entry(by).or_default() += 1;
        }
        let mut ranked: Vec<(&CheckId, usize)> = after.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        for (at, (id, n)) in ranked.iter().take(NEXT).enumerate() {
            if at == 0 {
                self.line("");
                let title = self.paint.bold("what to fix first");
                self.line(title);
            }
            let step = match id.property {
                Property::Present => format!("implementing {}/{}", id.category, id.function),
                Property::Call => format!("making legal calls of {}/{} return", id.category, id.function),
                _ => format!("fixing {id}"),
            };
            let step = one_line(&step, WIDTH);
            self.line(format!("  {step} would unblock {}", count(*n, "check")));
        }
    }

    fn list(&mut self, title: &str, n: usize, items: &[String], shown: usize) {
        if items.is_empty() {
            return;
        }
        let more = items.len().saturating_sub(shown);
        let mut text = items.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(", … and {more} more"));
        }
        self.line("");
        let title = self.paint.bold(&format!("{title} ({n})"));
        self.line(format!("{title}: {text}"));
    }

    /// Deviations at levels that do not count: one line for each at `should`, and the number of those at `quality`.
    fn below(&mut self) {
        let (gate, paint) = (self.gate, self.paint);
        let at = |level: Level| {
            let checks = self.results.checks.iter().filter(move |c| c.level == level && !gate.counts(c) && c.is_of_standard());
            checks.filter(|c| deviation(c, gate.revision).is_some() && !(gate.expected)(&c.id)).collect::<Vec<_>>()
        };
        let (should, quality) = (at(Level::Should), at(Level::Quality));
        let mut lines = Vec::new();
        if !should.is_empty() {
            lines.push(String::new());
            lines.push(paint.bold(&format!("{} at level should", count(should.len(), "deviation"))));
            lines.extend(should.iter().take(SHOWN_BELOW).map(|check| format!("  {}", brief(check, gate.revision))));
            if should.len() > SHOWN_BELOW {
                lines.push(format!("  … and {} more; the report's pages show all", should.len() - SHOWN_BELOW));
            }
        }
        if let Some(first) = quality.first() {
            lines.push(String::new());
            let doubts = quality.iter().filter(|check| check.doubt.is_some()).count();
            let doubts = if doubts > 0 { format!(" ({doubts} of them from doubtful clauses)") } else { String::new() };
            lines.push(format!(
                "{} at level quality{doubts}, such as {}; the report's pages show all",
                count(quality.len(), "deviation"),
                brief(first, gate.revision)
            ));
        }
        for line in lines {
            self.line(line);
        }
    }

    /// Gaps of the standard: how many functions the library has for them, and one line for each that deviates.
    fn gaps(&mut self) {
        let gaps = Gaps::of(std::slice::from_ref(self.results));
        if gaps.rows.is_empty() {
            return;
        }
        let [pass, fail, unjudged, absent] = gaps.counts(0);
        let had = if self.results.header.backend.name.starts_with("polyfilled:") { "with a polyfill" } else { "in the library" };
        let mut parts = vec![format!("{} {had}", pass + fail + unjudged), format!("{absent} absent")];
        if pass + fail > 0 {
            parts.insert(1, format!("{pass} of them pass every check"));
            parts.insert(2, format!("{fail} deviate"));
        }
        self.line("");
        let title = self.paint.bold(&format!("gaps of the standard ({})", gaps.rows.len()));
        self.line(format!("{title}: {}", parts.join(", ")));
        let deviating = gaps.rows.iter().filter_map(|row| match &row.standings[0] {
            Some(Standing::Native(native)) if !native.deviating.is_empty() => {
                Some(format!("  {}  {}", one_line(&native.path, 60), one_line(&native.deviating.join(" "), WIDTH)))
            }
            _ => None,
        });
        let lines: Vec<String> = deviating.collect();
        lines.into_iter().for_each(|line| self.line(line));
    }

    fn close(&mut self) {
        let (gate, paint) = (self.gate, self.paint);
        self.line("");
        let of_standard = self.results.checks.iter().any(|check| check.is_of_standard());
        let untested = |revision: Revision| {
            let gate = Gate { revision, level: Level::Must, ..*gate };
            Untested::of(self.results, &gate).counts().map_or_else(String::new, |counts| format!("; not tested at level must: {counts}"))
        };
        for (revision, conforms) in self.results.footer.conforms.iter().filter(|_| of_standard) {
            let musts = self.results.checks.iter().filter(|c| c.level == Level::Must && deviation(c, *revision).is_some()).count();
            let text = match (conforms, musts) {
                (true, _) => paint.green(&format!("conforms in what was tested{}", untested(*revision))),
                (false, 0) => paint.red("does not conform"),
                (false, n) => format!("{}: {} at level must", paint.red("does not conform"), count(n, "deviation")),
            };
            self.line(format!("{revision:8} {text}"));
        }
        let deviating = self.results.checks.iter().filter(|c| deviation(c, gate.revision).is_some() && c.is_of_standard());
        let known = deviating.filter(|c| (gate.expected)(&c.id)).count();
        let unexpected = self.unexpected().len();
        let text =
            if unexpected == 0 { paint.green("no unexpected deviation") } else { paint.red(&count(unexpected, "unexpected deviation")) };
        self.line("");
        self.line(format!("{text}; {} (expected)", count(known, "known deviation")));
    }
}

/// The cells of a check that exist in the revision.
fn cells(check: &Check, revision: Revision) -> impl Iterator<Item = &Cell> {
    check.cells.iter().filter(move |cell| cell.since.is_none_or(|since| since <= revision))
}

/// Whether a check says only that a function is absent.
fn is_absence(check: &Check, verdict: Verdict) -> bool {
    verdict == Verdict::Missing && (check.property == Property::Present || check.cells.iter().all(|c| c.counterexample.is_none()))
}

fn own_lines(check: &Check, verdict: Verdict) -> bool {
    verdict != Verdict::Unsupported && !is_absence(check, verdict)
}

/// The names of the checks' functions without duplicates. Attributes and methods of arrays are prefixed by `array.`.
fn names<'c>(checks: impl Iterator<Item = &'c Check>) -> Vec<String> {
    let mut names: Vec<String> = checks
        .map(|check| if check.category == "array" { format!("array.{}", check.id.function) } else { check.function.clone() })
        .map(|name| one_line(&name, 80))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The devices of the cells, if the cells name any.
fn devices(cells: &[&Cell]) -> Option<String> {
    let mut names: Vec<&str> = cells.iter().map(|cell| cell.device.as_str()).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| format!("on {}", one_line(&names.join(", "), 60)))
}

/// A deviation in one line.
fn brief(check: &Check, revision: Revision) -> String {
    let cells: Vec<&Cell> = cells(check, revision).filter(|cell| cell.deviates()).collect();
    let cause = cells.iter().find_map(|cell| cell.cause).map_or(check.verdict.word(), Cause::word);
    let mut text = format!("{}  {cause}  {}", one_line(&check.id.to_string(), WIDTH), dtypes(cells.iter().map(|c| c.dtype.as_str())));
    let worst = cells.iter().filter_map(|cell| cell.accuracy.as_ref()?.ulp()).max_by(|a, b| a.max_ulp.total_cmp(&b.max_ulp));
    let ratios = cells.iter().filter_map(|cell| cell.accuracy.as_ref()).flat_map(Accuracy::ratios);
    let worst_ratio = ratios.max_by(|a, b| (a.max / a.threshold).total_cmp(&(b.max / b.threshold)));
    if let Some(ratio) = worst_ratio {
        let class = ratio.class.as_ref().map(|class| format!(" of {}", one_line(class, 40))).unwrap_or_default();
        text.push_str(&format!("  {}{class} {}, threshold {}", one_line(&ratio.what, 40), ulp(ratio.max), ulp(ratio.threshold)));
    } else if let Some(accuracy) = worst {
        text.push_str(&format!("  {} ULP", ulp(accuracy.max_ulp)));
        if let Some(worst) = &accuracy.worst {
            text.push_str(&format!(" at {}", one_line(worst, 60)));
        }
        if let Some(limit) = accuracy.limit {
            text.push_str(&format!(", limit {}", ulp(limit)));
        }
    } else if let Some(found) = cells.iter().find_map(|cell| cell.counterexample.as_ref()) {
        text.push_str(&format!("  {} gave {}", one_line(&found.call, 60), one_line(&found.got, 40)));
    }
    text.trim_end().to_owned()
}

/// The time that the harness took, starts of workers included, as a percentage of the time of the library's calls.
fn overhead(footer: &Footer) -> String {
    let all = footer.wall_s * f64::from(footer.workers);
    if all <= footer.backend_s || footer.backend_s <= 0.0 {
        return String::new();
    }
    format!("Array Assay itself took {:.0} % as long as the library's calls", 100.0 * (all / footer.backend_s - 1.0))
}

fn number(n: u64) -> String {
    if n == 0 { "·".to_owned() } else { thousands(n) }
}

/// Writes text in the colours of a terminal, or without colours.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    fn verdict(self, verdict: Verdict, any: bool, text: &str) -> String {
        match verdict {
            _ if !any => self.dim(text),
            Verdict::Pass => text.to_owned(),
            Verdict::Fail | Verdict::Crash | Verdict::Timeout => self.red(text),
            Verdict::Missing | Verdict::Flaky => self.with("33", text),
            Verdict::Unsupported | Verdict::Blocked | Verdict::NotTested => self.with("36", text),
        }
    }
}
/// A share in percent, rounded down, so that only all is 100 %.
fn percent(part: u64, all: u64) -> String {
    format!("{} %", (100 * part).checked_div(all).unwrap_or(100))
}
