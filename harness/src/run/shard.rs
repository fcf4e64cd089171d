//! Shards: the parts of a run, each of which may run on a machine of its own.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use array_assay_format::Results;
use array_assay_spec::Function;

/// One part of a run. All parts together have each function once.
#[derive(Debug, Clone, PartialEq)]
pub struct Shard {
    /// The number of the part, from 1.
    pub index: u32,
    /// The number of parts.
    pub of: u32,
    /// How long each function took in an earlier run, if the parts are to take equally long.
    pub times: Option<Times>,
}

/// How long each function took in an earlier run, in seconds, by category and name.
#[derive(Debug, Clone, PartialEq)]
pub struct Times(BTreeMap<String, f64>);

impl Times {
    /// The times in the footer of a run. `None` for results of an earlier version, which did not record them.
    pub fn of(results: &Results) -> Option<Times> {
        let times: BTreeMap<String, f64> = results.footer.functions.iter().map(|(name, time)| (name.clone(), time.wall_s)).collect();
        (!times.is_empty()).then_some(Times(times))
    }

    fn sum(&self) -> f64 {
        self.0.values().sum()
    }

    /// The seconds of a function. One that the earlier run did not have counts as much as the mean.
    fn seconds(&self, function: &Function) -> f64 {
        self.0.get(&function.id()).copied().unwrap_or_else(|| self.sum() / self.0.len() as f64)
    }
}

impl Shard {
    /// A part of parts with equally many functions.
    pub fn new(index: u32, of: u32) -> Shard {
        Shard { index, of, times: None }
    }

    /// The functions of this part, in the order in which they are given.
    pub fn part<'s>(&self, functions: Vec<&'s Function>) -> Vec<&'s Function> {
        let owners = match &self.times {
            None => (0..functions.len()).map(|i| i % self.of as usize).collect(),
            Some(times) => balanced(&functions.iter().map(|function| times.seconds(function)).collect::<Vec<_>>(), self.of as usize),
        };
        let own = self.index as usize - 1;
        functions.into_iter().zip(owners).filter(|(_, owner)| *owner == own).map(|(function, _)| function).collect()
    }

    /// The part, as the header of its results names it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.index, self.of)
    }

    /// The times that the parts are balanced by, as the header of their results names them. `merge` refuses parts whose headers differ in it:
    /// some functions would be in two of them, and some in none.
    pub fn balance(&self) -> Option<String> {
        self.times.as_ref().map(|times| format!("{} functions in {:.6} s", times.0.len(), times.sum()))
    }
}

/// For each weight the part that it belongs to. The heaviest come first, and each goes to the part that has least so far (the rule of the
/// longest processing time first, R. L. Graham 1969: no part is longer than 4/3 of the best possible).
fn balanced(weights: &[f64], parts: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| Reverse(weights[*a].to_bits()).cmp(&Reverse(weights[*b].to_bits())).then(a.cmp(b)));
    let mut loads = vec![0.0_f64; parts];
    let mut owners = vec![0; weights.len()];
    for i in order {
        let least = (0..parts).min_by(|a, b| loads[*a].total_cmp(&loads[*b])).unwrap_or_default();
        loads[least] += weights[i];
        owners[i] = least;
    }
    owners
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_heaviest_functions_go_to_different_parts() {
        assert_eq!(balanced(&[1.0, 9.0, 1.0, 8.0, 1.0, 1.0, 1.0], 2), [1, 0, 0, 1, 1, 0, 1]);
        assert!(balanced(&[], 3).is_empty());
    }

    #[test]
    fn every_function_is_in_one_part() {
        let all: Vec<&Function> = Spec::embedded().functions.iter().collect();
        // One function takes half of the time, and most are unknown.
        let times = Times([("elementwise/add".to_owned(), 100.0), ("linalg/svd".to_owned(), 1.0)].into());
        for times in [None, Some(times)] {
            let parts: Vec<Vec<&Function>> = (1..=5).map(|index| Shard { index, of: 5, times: times.clone() }.part(all.clone())).collect();
            let names: BTreeSet<String> = parts.iter().flatten().map(|function| function.id()).collect();
            assert_eq!((names.len(), parts.iter().map(Vec::len).sum::<usize>()), (all.len(), all.len()));
        }
    }
}
