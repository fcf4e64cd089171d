//! From tallies to records: the checks of a function, their cells, and a counterexample for each cell that deviates.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, CheckId, Property, Verdict};
use array_assay_spec::Function;
use array_assay_spec::checks::{ACCURACY, APPROXIMATE, APPROXIMATE_SCALAR, CASES, COMPLEX_ACCURACY, CheckDefinition};

use super::options::Options;
use super::shrink::{Found, shrink};
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{BackendProfile, CallChains, CallForm, Stream, StreamKind};
use crate::judge::kind::Kinds;
use crate::judge::{Failure, FunctionJudge, FunctionTally, Slot, Tally};
use crate::snippet::{Language, looked_up};

/// Why a check does not apply to a library: the missing dtypes are deviations of their own.
pub(super) const NO_DTYPE: &str = "the library has none of the dtypes that it is about";

/// Why a special case is not judged whose values are lost on the way into the library or out of it.
const LOST: &str = "the values that it is about do not go in and out unchanged";

/// The tallies that a stream fills.
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

/// Where the tally of a check of an element-wise function is; `None` of a check that is not judged from outcomes.
pub(super) fn slot_of(function: &Function, id: &CheckId) -> Option<Slot> {
    let form = CallForm::of_slug(id.slug.as_deref());
    Some(match id.property {
        Property::Call => Slot::Call(form),
        Property::Type => Slot::Type(form),
        Property::Dtype => Slot::Dtype(form),
        Property::Shape => Slot::Shape(form),
        Property::Value => match id.slug.as_deref() {
            Some(ACCURACY) => Slot::Accuracy { complex: false },
            Some(COMPLEX_ACCURACY) => Slot::Accuracy { complex: true },
            Some(CASES) => Slot::Cases,
            _ => Slot::Value(form),
        },
        Property::Pure => Slot::Pure,
        _ => Slot::Special(function.rules.iter().position(|rule| id.slug.as_deref() == Some(&rule.slug))?),
    })
}

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
        gap: None,
        last_of_function: false,
    }
}

/// The record of a check of a function that does not exist: `present` says so, the others wait for it.
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
        // What the standard lacks as well is none of the library's deviations.
        let counterexample = if function.is_gap() { None } else { looked_up(language, &path, &failure, None, None) };
        let mut tally = Tally::default();
        tally.fail(failure);
        return check(function, definition, vec![Cell { counterexample, ..tally.cell("", None, None) }], Verdict::Missing);
    }
    let blocked_by = Some(function.check_id(Property::Present, None));
    Check { blocked_by, ..check(function, definition, vec![], Verdict::Blocked) }
}

/// The record of a check of a function of an extension that the library does not have, as the standard permits: `present` says so,
/// the others wait for it.
pub(super) fn absent(function: &Function, definition: &CheckDefinition, language: &Language) -> Check {
    match definition.id.property {
        Property::Present => excused(function, definition, "the library does not have this extension, as the standard permits"),
        _ => missing(function, definition, language),
    }
}

/// The record of a check of which the library is excused: it lacks what every case of it needs, and that shows elsewhere or is permitted.
pub(super) fn excused(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let cell = Cell { verdict: Verdict::Unsupported, note: Some(why.to_owned()), ..Tally::default().cell("", None, None) };
    check(function, definition, vec![cell], Verdict::Unsupported)
}

/// A cell on a dtype that the library has by name alone: what deviates there is no deviation of its own, the dtype is one.
pub(super) fn unusable(cell: Cell, profile: &BackendProfile) -> Cell {
    let why = cell.dtypes().find_map(|dtype| profile.unusable.get(&dtype));
    match (why, cell.verdict) {
        (Some(why), Verdict::Fail | Verdict::Missing) => {
            Cell { verdict: Verdict::Unsupported, cause: None, kinds: BTreeMap::new(), note: Some(why.clone()), ..cell }
        }
        _ => cell,
    }
}

/// The record of the check that a dtype exists, where it does so by name alone.
pub(super) fn by_name_alone(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let mut check = excused(function, definition, why);
    check.cells[0].cause = Some(Cause::Unsupported);
    check
}

/// By slug, how many judged cases met the conditions of the clauses that a check tests on some calls alone; `counted` by the clause's index.
pub(super) fn exercised(function: &Function, definition: &CheckDefinition, counted: impl Fn(usize) -> u64) -> BTreeMap<String, u64> {
    let conditional = function.conditions().map(|(i, _)| (i, &function.clauses[i]));
    let tested = conditional.filter(|(_, clause)| function.is_tested_by(clause, &definition.id));
    tested.map(|(i, clause)| (clause.slug.clone(), counted(i))).collect()
}

/// A cell for which no case was judged, and why.
pub(super) fn untested(cell: Cell, why: String) -> Cell {
    Cell { verdict: Verdict::NotTested, note: Some(why), ..cell }
}

/// Turns tallies into records.
pub(super) struct Records<'r, 'a> {
    pub options: &'r Options,
    pub language: &'r Language,
    pub function: &'a Function,
    pub streams: &'r [Stream<'a>],
    pub chains: &'r CallChains<'a>,
    pub profile: &'r BackendProfile,
    pub tally: &'r mut FunctionTally,
}

impl Records<'_, '_> {
    pub fn check(
        &mut self,
        supervisor: &mut Supervisor,
        judge: &FunctionJudge<'_>,
        definition: &CheckDefinition,
    ) -> Result<Option<Check>, StartError> {
        let id = &definition.id;
        let form = CallForm::of_slug(id.slug.as_deref());
        let Some(slot) = slot_of(self.function, id) else { return Ok(None) };
        let accuracy = if let Slot::Accuracy { complex } = slot { Some(complex) } else { None };
        // Where a function is exact on some dtypes, its approximations on others have a check of their own.
        let approximate = matches!(id.slug.as_deref(), Some(APPROXIMATE | APPROXIMATE_SCALAR));
        let divided = id.property == Property::Value && self.function.is_partly_approximate() && form != CallForm::ComplexScalar;
        let streams = self.streams;
        let stream = streams.iter().find(|stream| {
            slots_of(stream).contains(&slot) || matches!((slot, stream.kind), (Slot::Accuracy { .. }, StreamKind::Function))
        });
        let Some(stream) = stream else {
            if !self.options.dtypes.is_empty() {
                return Ok(None);
            }
            // No dtype of its domain: the library has none of them.
            return Ok(Some(excused(self.function, definition, NO_DTYPE)));
        };

        // Combinations of the same dtypes in another order are one cell.
        let mut cells: Vec<Gathered<'_, '_>> = Vec::new();
        for (c, combination) in stream.combinations.iter().enumerate() {
            if accuracy.is_some_and(|complex| complex != combination.common.is_complex()) {
                continue;
            }
            if divided && matches!(slot, Slot::Value(_)) && judge.values(combination.common).is_approximate() != approximate {
                continue;
            }
            let tally = self.tally.at(slot, c).clone();
            let due = match slot {
                Slot::Special(_) => true,
                Slot::Accuracy { .. } => judge.values(combination.common).is_approximate(),
                // Cases are counted for each form that was called.
                Slot::Cases => tally.cases > 0,
                Slot::Pure => true,
                _ => tally.cases > 0 || stream.allows(c, form),
            };
            if due {
                Gathered::add(&mut cells, stream, c, tally);
            }
        }
        if let (Slot::Special(rule), Some(own)) = (slot, streams.iter().find(|s| s.kind == StreamKind::Function)) {
            // Where the special case's own stream failed too, its counterexample is the plainer one.
            let failed: Vec<&str> = stream
                .combinations
                .iter()
                .enumerate()
                .filter(|(c, _)| self.tally.at(slot, *c).first.is_some())
                .map(|(_, x)| x.label.as_str())
                .collect();
            for (c, tally) in self.tally.broken_of(rule).filter(|(c, _)| !failed.contains(&own.combinations[*c].label.as_str())) {
                Gathered::add(&mut cells, own, c, tally.clone());
            }
        }

        let mut shrunk: BTreeSet<Cause> = BTreeSet::new();
        let mut out = Vec::with_capacity(cells.len());
        let mut blocked_by = None;
        for Gathered { mut tally, stream, combination: c } in cells {
            let combination = &stream.combinations[c];
            if !self.calls_fail() {
                tally.count_without_result();
            }
            let since = (combination.since > definition.since).then_some(combination.since);
            let limit = judge.values(combination.common).limit();
            let cell = tally.cell(&combination.label, since, limit.filter(|_| matches!(slot, Slot::Accuracy { .. })));
            let mut cell = unusable(cell, self.profile);
            let is_known = |kind: &str| cell.cause.is_some_and(|cause| self.options.known.excuses(id, cause, &cell.dtype, Some(kind)));
            let shown = cell.cause.is_some() && !self.options.first_deviation_only;
            if let Some(failure) = tally.telling(is_known).filter(|_| shown) {
                let rule = if let Slot::Special(rule) = slot { Some(rule) } else { None };
                let known = self.options.known.covers(id, &cell);
                let effort = if known || !shrunk.insert(failure.cause) { Effort::Focus } else { Effort::Full };
                let rule = rule.filter(|_| stream.kind != StreamKind::Function);
                let found = Found { stream, chains: self.chains, rule, slot, combination: c, failure };
                let steps = effort.steps();
                cell.counterexample = Some(shrink(supervisor, judge, &found, self.options.seed, self.language, steps)?);
            }
            let is_lost = matches!(slot, Slot::Special(_)) && self.profile.losses.values.contains_key(&combination.common);
            if cell.verdict == Verdict::Blocked {
                match self.blocking(slot, form, &cell.dtype, stream) {
                    Some(property) => blocked_by = blocked_by.or(Some(property)),
                    None if is_lost => cell = untested(cell, LOST.to_owned()),
                    None => cell = untested(cell, self.why_untested(slot, form, stream, c)),
                }
            }
            out.push(cell);
        }
        if out.is_empty() && !self.options.dtypes.is_empty() {
            return Ok(None);
        }
        // A library without complex numbers has nothing to say of their accuracy, nor of complex scalars.
        let nothing_to_judge = accuracy.is_some_and(|complex| stream.combinations.iter().all(|c| c.common.is_complex() != complex));
        // The same holds where it has none of the dtypes on which the value is an approximation, or none of the others.
        let nothing_of_its_class = divided && stream.combinations.iter().all(|c| judge.values(c.common).is_approximate() != approximate);
        let nothing_of_its_class = nothing_of_its_class && matches!(slot, Slot::Value(_))
            || slot == Slot::Cases && stream.combinations.iter().all(|c| !judge.values(c.common).is_approximate());
        let never_complex = form == CallForm::ComplexScalar && !stream.combinations.iter().any(|c| stream.takes_complex(c));
        if nothing_to_judge || nothing_of_its_class || never_complex {
            return Ok(Some(excused(self.function, definition, NO_DTYPE)));
        }
        let verdict = Cell::overall(out.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        let blocked_by = blocked_by.map(|property| self.function.check_id(property, form.slug())).filter(|by| by != id);
        let exercised = exercised(self.function, definition, |clause| self.tally.exercised(clause));
        Ok(Some(Check { blocked_by, exercised, ..check(self.function, definition, out, verdict) }))
    }

    /// The property of the function's own stream whose failure leaves nothing to judge in a cell; `None` where none failed.
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
        // The calls of a special case count for it and not for the function's own stream.
        let skipped = (0..stream.combinations.len()).any(|c| self.tally.at(slot, c).skipped > 0);
        blocking.or(skipped.then_some(Property::Call))
    }

    /// Why no case was judged in a cell that nothing blocks.
    fn why_untested(&mut self, slot: Slot, form: CallForm, stream: &Stream<'_>, combination: usize) -> String {
        if let Some(why) = &self.tally.at(Slot::Call(form), combination).unprepared {
            return format!("its calls could not be prepared: {why}");
        }
        let called = match slot {
            Slot::Special(_) => true,
            _ => self.tally.at(Slot::Call(form), combination).cases > 0,
        };
        match called {
            false => format!("none of the {} cases of {} is of these dtypes", self.options.cases, stream.name()),
            true => "the text leaves the result of every case open that was drawn".to_owned(),
        }
    }

    /// Whether ordinary calls of the function fail, on whatever dtypes: then a call without a result says nothing of a special case.
    fn calls_fail(&mut self) -> bool {
        let Some(function) = self.streams.iter().find(|s| s.kind == StreamKind::Function) else { return false };
        let mut slots = (0..function.combinations.len()).flat_map(|c| CallForm::ALL.map(|form| (Slot::Call(form), c)));
        slots.any(|(slot, c)| self.tally.at(slot, c).failures > 0)
    }
}

/// A cell while it is gathered, and where its first failure was found.
struct Gathered<'s, 'a> {
    tally: Tally,
    stream: &'s Stream<'a>,
    combination: usize,
}

impl<'s, 'a> Gathered<'s, 'a> {
    /// Adds the tally of a combination to the cell of its name.
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

/// How hard a counterexample is worked on.
enum Effort {
    /// The first of its cause: until nothing simpler fails.
    Full,
    /// Others: the one element that is wrong.
    Focus,
}

impl Effort {
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
