//! How many cases a function needs until its covering design is complete: until every pair of choices that its calls can make was made.

use array_assay_spec::{Function, Spec};

use super::calls::CallStream;
use super::id::Sort;
use super::profile::BackendProfile;
use super::stream::{Budget, streams};

/// The numbers of cases that are tried. The first is the least number of cases of a function in a run that asks for pairs.
pub const BUDGETS: [u32; 8] = [25, 50, 100, 150, 250, 500, 750, 1000];

/// The least of [`BUDGETS`] with which all pairs are made, or else the greatest.
pub fn cases_for_pairs(spec: &Spec, function: &Function, profile: &BackendProfile, seed: u64) -> u32 {
    let [.., most] = BUDGETS;
    if !function.is_elementwise() {
        let rows = CallStream::new(spec, function, profile).map_or(0, |stream| stream.rows_for_pairs(seed, u64::from(most)));
        return BUDGETS.into_iter().find(|budget| u64::from(*budget) >= rows).unwrap_or(most);
    }
    let makes_all = |cases: &u32| {
        let budget = Budget { seed, cases: u64::from(*cases) };
        streams(spec, function, profile, budget, &|sort| sort == Sort::Plain).iter().all(|stream| stream.makes_all_pairs())
    };
    BUDGETS.into_iter().find(makes_all).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_with_few_choices_needs_few_cases() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let of = |category, name| cases_for_pairs(spec, spec.function(category, name).expect("it is in the spec"), &profile, 0);
        let (few, many) = (of("elementwise", "logical_not"), of("elementwise", "add"));
        assert!(few < many, "{few} {many}");
        // With fewer cases than that, some pair is not made.
        let function = spec.function("sorting", "sort").unwrap();
        let stream = CallStream::new(spec, function, &profile).unwrap();
        let rows = stream.rows_for_pairs(0, 1000);
        let covered = |rows: u64| {
            let stream = CallStream::new(spec, function, &profile).unwrap();
            (0..rows).for_each(|index| drop(stream.case(0, index)));
            stream.covered().pairs
        };
        assert!(rows > 10 && covered(rows / 2).met < covered(rows).met, "{rows}");
        let whole = covered(rows);
        assert_eq!(whole.met, whole.all, "{rows}");
    }
}
