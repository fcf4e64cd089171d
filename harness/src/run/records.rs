//! Turns the tallies of an element-wise function into records: its checks, their cells, and a counterexample for each cell that deviates.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, Property, Verdict};
use array_assay_interface::DType;
use array_assay_spec::Function;
use array_assay_spec::checks::{APPROXIMATE, APPROXIMATE_SCALAR, CheckDefinition};

use super::options::Options;
use super::repeats::{Repeated, is_gated, mark_flaky, repeated};
use super::shrink::{Found, deviates_again, shrink};
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{BackendProfile, CallChains, CallForm, Stream, StreamKind};
use crate::judge::kind::Kinds;
use crate::judge::{Failure, FunctionJudge, FunctionTally, Slot, Tally};
use crate::snippet::{Language, looked_up};

/// Why a check does not apply to a library. The missing dtypes are deviations already.
pub(super) const NO_DTYPE: &str = "the library has none of the dtypes that it is about";

/// Why a special case is not judged if its values do not come back unchanged.
const LOST: &str = "the values that it is about do not go in and out unchanged";

/// The slots that a stream fills.
pub(super) fn slots_of(stream: &Stream<'_>) -> Vec<Slot> {
    match stream.kind {
        StreamKind::Special(_) => stream.rule.map(Slot::Special).into_iter().collect(),
        StreamKind::Function => {
            let judged = CallForm::ALL
                .into_iter()
                .flat_map(|form| [Slot::Call(form), Slot::Type(form), Slot::Dtype(form), Slot::Shape(form), Slot::Value(form)]);
            judged.chain([Slot::Pure, Slot::Cases, Slot::Accuracy { complex: false }]).collect()
        }
    }
}

/// The record of a check with these cells.
pub(super) fn check(function: &Function, definition: &CheckDefinition, cells: Vec<Cell>, verdict: Verdict) -> Check {
    Check {
        id: definition.id.clone(),
        function: function.path(),
        category: function.category.clone(),
        property: definition.id.property,
        level: definition.level,
        gated_at: definition.gated_at,
        since: definition.since,
        until: definition.until,
        verdict,
        cells,
        clause: Some(definition.clause.clone()),
        doubt: definition.doubt.clone(),
        blocked_by: None,
        exercised: BTreeMap::new(),
        covered: None,
        gap: None,
        consumer: None,
        last_of_function: false,
    }
}

/// The record of a check of a function that the library does not have. The check `present` says so, and blocks the others.
pub(super) fn missing(function: &Function, definition: &CheckDefinition, language: &Language) -> Check {
    if definition.id.property == Property::Present {
        let path = function.owner().map_or_else(|| function.path(), str::to_owned);
        let failure = Failure {
            index: 0,
            element: None,
            cause: Cause::MissingName,
            expected: function.signature.to_string(),
            got: "no such name".to_owned(),
            verdict: Verdict::Missing,
            kinds: Kinds::new(),
        };
        // A gap is not a deviation of the library, because the standard lacks the function as well.
        let counterexample = if function.is_gap() { None } else { looked_up(language, &path, &failure, None, None) };
        let mut tally = Tally::default();
        tally.fail(failure);
        return check(function, definition, vec![Cell { counterexample, ..tally.cell("", None, None) }], Verdict::Missing);
    }
    let blocked_by = Some(function.check_id(Property::Present, None));
    Check { blocked_by, ..check(function, definition, vec![], Verdict::Blocked) }
}

/// The record of a check of a function whose name could not be looked up, because that ended or blocked the process. The check `present` says
/// so, and blocks the others. `what` says what the process did.
pub(super) fn unanswered(function: &Function, definition: &CheckDefinition, what: &str, language: &Language) -> Check {
    let mut check = missing(function, definition, language);
    if definition.id.property == Property::Present {
        let (verdict, cause) =
            if what.starts_with("was silent") { (Verdict::Timeout, Cause::TimedOut) } else { (Verdict::Crash, Cause::Crashed) };
        check.verdict = verdict;
        for cell in &mut check.cells {
            (cell.verdict, cell.cause, cell.counterexample) = (verdict, Some(cause), None);
            cell.note = Some(format!("the worker {what} when it looked the name up"));
        }
    }
    check
}

/// The record of a check of a function whose extension the library does not have, as the standard permits. The check `present` says so, and
/// blocks the others.
pub(super) fn absent(function: &Function, definition: &CheckDefinition, language: &Language) -> Check {
    match definition.id.property {
        Property::Present => excused(function, definition, "the library does not have this extension, as the standard permits"),
        _ => missing(function, definition, language),
    }
}

/// The record of a check that does not apply to the library, because the library lacks what every case of it needs. That is permitted, or
/// it is a deviation of another check.
pub(super) fn excused(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let cell = Cell { verdict: Verdict::Unsupported, note: Some(why.to_owned()), ..Tally::default().cell("", None, None) };
    check(function, definition, vec![cell], Verdict::Unsupported)
}

/// A cell on an unusable dtype. Its deviations do not count, because the dtype is a deviation already.
pub(super) fn unusable(cell: Cell, profile: &BackendProfile) -> Cell {
    let why = cell.dtypes().find_map(|dtype| profile.unusable.get(&dtype));
    match (why, cell.verdict) {
        (Some(why), Verdict::Fail | Verdict::Missing) => {
            Cell { verdict: Verdict::Unsupported, cause: None, kinds: BTreeMap::new(), note: Some(why.clone()), ..cell }
        }
        _ => cell,
    }
}

/// The record of the check that an unusable dtype exists.
pub(super) fn by_name_alone(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let mut check = excused(function, definition, why);
    check.cells[0].cause = Some(Cause::Unsupported);
    check
}

/// For each clause that a check tests only on some calls, by slug: the number of judged cases that met its condition. `counted` gives the
/// number by the clause's index.
pub(super) fn exercised(function: &Function, definition: &CheckDefinition, counted: impl Fn(usize) -> u64) -> BTreeMap<String, u64> {
    let conditional = function.conditions().map(|(i, _)| (i, &function.clauses[i]));
    let tested = conditional.filter(|(_, clause)| function.is_tested_by(clause, &definition.id));
    tested.map(|(i, clause)| (clause.slug.clone(), counted(i))).collect()
}

/// Whether the check is that of a function's ordinary calls.
pub(super) fn is_of_calls(definition: &CheckDefinition) -> bool {
    definition.id.property == Property::Call && definition.id.slug.is_none()
}

/// A cell for which no case was judged, with the reason.
pub(super) fn untested(cell: Cell, why: String) -> Cell {
    Cell { verdict: Verdict::NotTested, note: Some(why), ..cell }
}

/// What is needed to turn tallies into records.
pub(super) struct Records<'r, 'a> {
    pub options: &'r Options,
    pub language: &'r Language,
    pub function: &'a Function,
    pub streams: &'r [Stream<'a>],
    pub chains: &'r CallChains<'a>,
    pub profile: &'r BackendProfile,
    pub tally: &'r mut FunctionTally,
}

/// A check of an element-wise function, and what it is about.
struct Scope<'d> {
    definition: &'d CheckDefinition,
    slot: Slot,
    form: CallForm,
    /// Whether the check is about approximations only, or about exact values only. `None` if it is about both.
    approximate: Option<bool>,
}

impl<'d> Scope<'d> {
    /// The scope of a check. `None` if the check is not judged from outcomes.
    fn of(function: &Function, definition: &'d CheckDefinition) -> Option<Scope<'d>> {
        let slug = definition.id.slug.as_deref();
        let (slot, form) = (Slot::of(function, &definition.id)?, CallForm::of_slug(slug));
        // If a function is exact on some dtypes, its approximations on others have a check of their own.
        let is_split = function.is_partly_approximate() && form != CallForm::ComplexScalar;
        let approximate = match slot {
            Slot::Value(_) if is_split => Some(matches!(slug, Some(APPROXIMATE | APPROXIMATE_SCALAR))),
            _ => None,
        };
        Some(Scope { definition, slot, form, approximate })
    }

    /// Whether the check is about operands of a dtype.
    fn is_about(&self, judge: &FunctionJudge<'_>, common: DType) -> bool {
        match self.slot {
            Slot::Accuracy { complex } => complex == common.is_complex(),
            _ => self.approximate.is_none_or(|approximate| approximate == judge.values(common).is_approximate()),
        }
    }

    /// The rule of the special case that the check is about.
    fn rule(&self) -> Option<usize> {
        if let Slot::Special(rule) = self.slot { Some(rule) } else { None }
    }
}

impl<'r, 'a> Records<'r, 'a> {
    /// The record of a check. `None` if the check is not judged from outcomes, or if it has none of the selected dtypes.
    pub fn check(
        &mut self,
        supervisor: &mut Supervisor,
        judge: &FunctionJudge<'_>,
        definition: &CheckDefinition,
    ) -> Result<Option<Check>, StartError> {
        let Some(scope) = Scope::of(self.function, definition) else { return Ok(None) };
        let without_dtype = || excused(self.function, definition, NO_DTYPE);
        let Some(stream) = self.stream_of(scope.slot) else {
            // The library has no dtype of the check's domain.
            return Ok(self.options.dtypes.is_empty().then(without_dtype));
        };
        let mut shrunk: BTreeSet<Cause> = BTreeSet::new();
        let mut out = Vec::new();
        let mut blocked_by = None;
        for mut gathered in self.gather(judge, &scope, stream) {
            let mut cell = self.cell(supervisor, judge, &scope, &mut gathered, &mut shrunk)?;
            if cell.verdict == Verdict::Blocked {
                match self.blocking(scope.slot, scope.form, &cell.dtype, gathered.stream) {
                    Some(property) => blocked_by = blocked_by.or(Some(property)),
                    None => cell = untested(cell, self.why_untested(&scope, &gathered)),
                }
            }
            out.push(cell);
        }
        if out.is_empty() && !self.options.dtypes.is_empty() {
            return Ok(None);
        }
        let is_approximate = |common: DType| judge.values(common).is_approximate();
        let mut about = stream.combinations.iter().filter(|c| scope.is_about(judge, c.common));
        let has_dtype = about.any(|c| scope.slot != Slot::Cases || is_approximate(c.common));
        let never_complex = scope.form == CallForm::ComplexScalar && !stream.combinations.iter().any(|c| stream.takes_complex(c));
        if !has_dtype || never_complex {
            return Ok(Some(excused(self.function, definition, NO_DTYPE)));
        }
        let verdict = Cell::overall(out.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        let blocked_by = blocked_by.map(|property| self.function.check_id(property, scope.form.slug())).filter(|by| *by != definition.id);
        let exercised = exercised(self.function, definition, |clause| self.tally.exercised(clause));
        let covered = is_of_calls(definition).then(|| stream.covered());
        Ok(Some(Check { blocked_by, exercised, covered, ..check(self.function, definition, out, verdict) }))
    }

    /// The stream that fills a slot.
    fn stream_of(&self, slot: Slot) -> Option<&'r Stream<'a>> {
        self.streams
            .iter()
            .find(|stream| slots_of(stream).contains(&slot) || matches!((slot, stream.kind), (Slot::Accuracy { .. }, StreamKind::Function)))
    }

    /// The tallies of a check, by cell. Combinations of the same dtypes in another order share a cell.
    fn gather(&mut self, judge: &FunctionJudge<'_>, scope: &Scope<'_>, stream: &'r Stream<'a>) -> Vec<Gathered<'r, 'a>> {
        let mut cells: Vec<Gathered<'_, '_>> = Vec::new();
        for (c, combination) in stream.combinations.iter().enumerate().filter(|(_, c)| scope.is_about(judge, c.common)) {
            let tally = self.tally.at(scope.slot, c).clone();
            let due = match scope.slot {
                Slot::Special(_) | Slot::Pure => true,
                Slot::Accuracy { .. } => judge.values(combination.common).is_approximate(),
                // Cases are counted for each form that was called.
                Slot::Cases => tally.cases > 0,
                _ => tally.cases > 0 || stream.allows(c, scope.form),
            };
            if due {
                Gathered::add(&mut cells, stream, c, tally);
            }
        }
        if let (Some(rule), Some(own)) = (scope.rule(), self.streams.iter().find(|s| s.kind == StreamKind::Function)) {
            // If the special case's own stream failed too, its counterexample is the plainer one.
            let failed: Vec<&str> = stream
                .combinations
                .iter()
                .enumerate()
                .filter(|(c, _)| self.tally.at(scope.slot, *c).first.is_some())
                .map(|(_, x)| x.label.as_str())
                .collect();
            for (c, tally) in self.tally.broken_of(rule).filter(|(c, _)| !failed.contains(&own.combinations[*c].label.as_str())) {
                Gathered::add(&mut cells, own, c, tally.clone());
            }
        }
        cells
    }

    /// The cell of gathered tallies, with a counterexample if it deviates. `shrunk` holds the causes that have a small counterexample.
    fn cell(
        &mut self,
        supervisor: &mut Supervisor,
        judge: &FunctionJudge<'_>,
        scope: &Scope<'_>,
        gathered: &mut Gathered<'_, '_>,
        shrunk: &mut BTreeSet<Cause>,
    ) -> Result<Cell, StartError> {
        let id = &scope.definition.id;
        if !self.calls_fail() {
            gathered.tally.count_without_result();
        }
        let Gathered { tally, stream, combination: c } = gathered;
        let combination = &stream.combinations[*c];
        let since = (combination.since > scope.definition.since).then_some(combination.since);
        let limit = judge.values(combination.common).limit().filter(|_| matches!(scope.slot, Slot::Accuracy { .. }));
        let mut cell = unusable(tally.cell(&combination.label, since, limit), self.profile);
        let is_known = |kind: &str| cell.cause.is_some_and(|cause| self.options.known.excuses(id, cause, &cell.dtype, Some(kind)));
        let shown = cell.cause.is_some() && !self.options.first_deviation_only;
        if let Some(failure) = tally.telling(is_known).filter(|_| shown) {
            let known = self.options.known.covers(id, &cell);
            let rule = scope.rule().filter(|_| stream.kind != StreamKind::Function);
            let (slot, chains) = (scope.slot, self.chains);
            let found = |failure| Found { stream, chains, rule, slot, combination: *c, failure };
            let again = |supervisor: &mut Supervisor, failure: &Failure| {
                // Another kind of the same deviation is a repetition too.
                deviates_again(supervisor, judge, &found(Failure { kinds: Kinds::new(), ..failure.clone() }))
            };
            let (failure, steps) = match repeated(supervisor, tally, failure, is_gated(scope.definition) && !known, again)? {
                Repeated::Flaky(failure, note) => {
                    mark_flaky(&mut cell, note);
                    (failure, 0)
                }
                Repeated::Steady(failure) if known || !shrunk.insert(failure.cause) => (failure, Effort::Focus.steps()),
                Repeated::Steady(failure) => (failure, Effort::Full.steps()),
            };
            cell.counterexample = Some(shrink(supervisor, judge, &found(failure), self.language, steps)?);
        }
        Ok(cell)
    }

    /// The property of the function's own stream that failed, so that nothing is left to judge in a cell. `None` if none failed.
    fn blocking(&mut self, slot: Slot, form: CallForm, label: &str, stream: &Stream<'_>) -> Option<Property> {
        let own = self.streams.iter().find(|s| s.kind == StreamKind::Function).unwrap_or(stream);
        let combinations: Vec<usize> = (0..own.combinations.len()).filter(|c| own.combinations[*c].label == label).collect();
        let before = [
            (Property::Call, Slot::Call(form)),
            (Property::Type, Slot::Type(form)),
            (Property::Dtype, Slot::Dtype(form)),
            (Property::Shape, Slot::Shape(form)),
        ];
        let fails = |tally: &Tally| tally.failures + tally.skipped > 0;
        let mut failing = before.into_iter().filter(|(_, other)| combinations.iter().any(|c| fails(self.tally.at(*other, *c))));
        let blocking = failing.next().map(|(property, _)| property);
        // The calls of a special case are counted for it, not for the function's own stream.
        let skipped = (0..stream.combinations.len()).any(|c| self.tally.at(slot, c).skipped > 0);
        blocking.or(skipped.then_some(Property::Call))
    }

    /// Why no case was judged in a cell that nothing blocks.
    fn why_untested(&mut self, scope: &Scope<'_>, gathered: &Gathered<'_, '_>) -> String {
        let Gathered { stream, combination, .. } = gathered;
        if scope.rule().is_some() && self.profile.losses.values.contains_key(&stream.combinations[*combination].common) {
            return LOST.to_owned();
        }
        let calls = self.tally.at(Slot::Call(scope.form), *combination);
        if let Some(why) = &calls.unprepared {
            return format!("its calls could not be prepared: {why}");
        }
        if scope.rule().is_some() || calls.cases > 0 {
            "the text leaves the result of every case open that was drawn".to_owned()
        } else {
            format!("none of the {} cases of {} is of these dtypes", self.options.cases, stream.name())
        }
    }

    /// Whether ordinary calls of the function fail on any dtypes. Then a call without a result says nothing about a special case.
    fn calls_fail(&mut self) -> bool {
        let Some(function) = self.streams.iter().find(|s| s.kind == StreamKind::Function) else { return false };
        let mut slots = (0..function.combinations.len()).flat_map(|c| CallForm::ALL.map(|form| (Slot::Call(form), c)));
        slots.any(|(slot, c)| self.tally.at(slot, c).failures > 0)
    }
}

/// The tally of a cell, and where its first failure was found.
struct Gathered<'s, 'a> {
    tally: Tally,
    stream: &'s Stream<'a>,
    combination: usize,
}

impl<'s, 'a> Gathered<'s, 'a> {
    /// Adds the tally of a combination to the cell with its label.
    fn add(cells: &mut Vec<Gathered<'s, 'a>>, stream: &'s Stream<'a>, combination: usize, tally: Tally) {
        let label = &stream.combinations[combination].label;
        match cells.iter_mut().find(|cell| cell.stream.combinations[cell.combination].label == *label) {
            None => cells.push(Gathered { tally, stream, combination }),
            Some(cell) => {
                let fails = |tally: &Tally| tally.first.is_some() || tally.no_result.is_some();
                if fails(&tally) && !fails(&cell.tally) {
                    (cell.stream, cell.combination) = (stream, combination);
                }
                cell.tally.merge(tally);
            }
        }
    }
}

/// How far a counterexample is simplified.
enum Effort {
    /// Until nothing simpler fails: for the first counterexample of a cause.
    Full,
    /// Down to the one wrong element: for the others.
    Focus,
}

impl Effort {
    /// The greatest number of steps.
    fn steps(self) -> usize {
        match self {
            Effort::Full => 400,
            Effort::Focus => 12,
        }
    }
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;

    use super::*;
    use crate::snippet::Python;

    #[test]
    fn a_missing_function_has_a_script_and_a_gap_has_none() {
        let python = Language::Python(Python { module: "numpy".to_owned(), ..Python::default() });
        let script = |function: &Function| {
            let present = function.checks().into_iter().find(|check| check.id.property == Property::Present).unwrap();
            let mut check = missing(function, &present, &python);
            assert_eq!(check.verdict, Verdict::Missing);
            check.cells.remove(0).counterexample.map(|shown| shown.snippet)
        };
        let spec = Spec::embedded();
        let add = script(spec.function("elementwise", "add").unwrap());
        assert!(add.is_some_and(|script| script.contains("print(xp.add)")));
        let gap = spec.with_all_gaps().find(|function| function.is_gap()).unwrap();
        assert_eq!(script(gap), None);
    }
}
