//! Finds clauses that no call of a default run exercises. Such a clause is not really tested.

use array_assay_spec::{Function, Spec};

use crate::generate::{BackendProfile, Budget, CallStream, RAISE_SIZE, Sort, exercised_by, streams};
use crate::run::Options;

/// Describes the clauses and aspects that no case of a default run exercises, and the exceptions that no call has to raise. One line each.
pub fn idle(spec: &Spec) -> Vec<String> {
    let profile = BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() };
    let Options { cases, seed, .. } = Options::default();
    spec.functions.iter().flat_map(|function| idle_in(spec, function, &profile, cases, seed)).collect()
}

/// The lines for one function.
fn idle_in(spec: &Spec, function: &Function, profile: &BackendProfile, cases: u32, seed: u64) -> Vec<String> {
    if function.is_elementwise() {
        // Each special case has its own stream.
        return idle_in_blocks(spec, function, profile, cases, seed);
    }
    let Some(stream) = CallStream::new(spec, function, profile) else { return Vec::new() };
    let mut clauses: Vec<usize> = function.conditions().map(|(i, _)| i).collect();
    let mut aspects: Vec<usize> = (0..function.aspects.len()).collect();
    for index in 0..stream.cases(seed, cases) {
        if clauses.is_empty() && aspects.is_empty() {
            break;
        }
        let Some(case) = stream.case(seed, index) else { continue };
        clauses.retain(|clause| !case.clauses.contains(clause));
        aspects.retain(|aspect| !case.aspects.contains(aspect));
    }
    let drawn = |raise| (0..CallStream::share(cases)).any(|index| stream.invalid(seed, raise, index, Some(RAISE_SIZE)).is_some());
    let place = function.id();
    let clauses = clauses.into_iter().map(|i| idle_clause(function, i));
    let aspects =
        aspects.into_iter().map(|i| format!("{place}: no case of a default run meets the condition of `{}`", function.aspects[i].slug));
    let raises = function.raises.iter().filter(|raise| !drawn(raise));
    let raises = raises.map(|raise| format!("{place}: no call of a default run has to raise by `{}`", raise.slug));
    clauses.chain(aspects).chain(raises).collect()
}

/// The lines for an element-wise function. All cases of a block fulfil the same conditions.
fn idle_in_blocks(spec: &Spec, function: &Function, profile: &BackendProfile, cases: u32, seed: u64) -> Vec<String> {
    let budget = Budget { seed, cases: cases.into() };
    let own = streams(spec, function, profile, budget, &|sort| sort == Sort::Plain);
    let Some(stream) = own.first() else { return Vec::new() };
    let mut clauses: Vec<usize> = function.conditions().map(|(i, _)| i).collect();
    for (_, block) in (0..stream.blocks()).filter_map(|n| stream.block(n)) {
        if clauses.is_empty() {
            break;
        }
        let case = block.case(0);
        let met: Vec<usize> = exercised_by(function, &case).collect();
        clauses.retain(|clause| !met.contains(clause));
    }
    clauses.into_iter().map(|i| idle_clause(function, i)).collect()
}

/// The line for a clause that no case exercises.
fn idle_clause(function: &Function, clause: usize) -> String {
    let slug = &function.clauses[clause].slug;
    format!("{}/{}: no case of a default run exercises the clause `{slug}`", function.category, function.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_no_call_meets_is_reported() {
        let spec = Spec::embedded();
        let profile = BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() };
        let mut function = spec.function("indexing", "take_along_axis").expect("it is in the spec").clone();
        assert_eq!(idle_in(spec, &function, &profile, 200, 0), Vec::<String>::new());
        let clause = function.clauses.iter_mut().find(|clause| clause.slug == "index-negative").expect("it is a clause of take_along_axis");
        clause.when = array_assay_spec::expr::Expr::parse("x_ndim > 17").ok();
        assert_eq!(
            idle_in(spec, &function, &profile, 200, 0),
            ["indexing/take_along_axis: no case of a default run exercises the clause `index-negative`"]
        );
    }
}
