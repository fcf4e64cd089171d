//! The ledger of a function: what was counted while its cases were judged, by check and by cell.

use std::collections::BTreeMap;
use std::ops::Deref;

use array_assay_format::Property;
use array_assay_spec::Function;
use array_assay_spec::checks::CheckDefinition;

use super::tally::{Failure, Tally};
use crate::generate::{CallCell, Combination};

/// The checks of a function. The index of a check is its place in the report.
pub struct Checks(Vec<CheckDefinition>);

impl Deref for Checks {
    type Target = [CheckDefinition];

    fn deref(&self) -> &[CheckDefinition] {
        &self.0
    }
}

impl Checks {
    /// The checks of a function.
    pub fn new(function: &Function) -> Checks {
        Checks(function.checks())
    }

    /// The check of a property with this slug, if the function has one.
    pub fn find(&self, property: Property, slug: Option<&str>) -> Option<usize> {
        self.iter().position(|check| check.id.property == property && check.id.slug.as_deref() == slug)
    }

    /// The check with this slug, which no other check of the function has.
    pub fn with_slug(&self, slug: &str) -> Option<usize> {
        self.iter().position(|check| check.id.slug.as_deref() == Some(slug))
    }

    /// The checks of a property.
    pub fn of(&self, property: Property) -> impl Iterator<Item = usize> {
        self.iter().enumerate().filter(move |(_, check)| check.id.property == property).map(|(i, _)| i)
    }
}

/// The tallies of one function, by check and cell. A tally is made when something is counted in it.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    cells: Vec<CallCell>,
    tallies: Vec<Vec<Tally>>,
    /// The special cases that were found broken by cases that were not drawn for them, by check and cell.
    broken: BTreeMap<(usize, usize), Tally>,
    /// For each clause of the function, the number of judged cases that met its condition.
    exercised: BTreeMap<usize, u64>,
}

impl Ledger {
    /// A ledger with these cells.
    pub fn of_cells(cells: impl Iterator<Item = CallCell>) -> Ledger {
        Ledger { cells: cells.collect(), ..Ledger::default() }
    }

    /// A ledger with a cell for each of these combinations.
    pub fn of_combinations(combinations: &[Combination]) -> Ledger {
        Ledger::of_cells(combinations.iter().enumerate().map(|(i, combination)| combination.cell(i)))
    }

    /// The index of a cell, which is added if it is new. Combinations of the same dtypes in another order share a cell.
    pub fn cell(&mut self, wanted: CallCell) -> usize {
        self.cells.iter().position(|cell| cell.label == wanted.label).unwrap_or_else(|| {
            self.cells.push(wanted);
            self.cells.len() - 1
        })
    }

    /// The tally of a check on a cell.
    pub fn at(&mut self, check: usize, cell: usize) -> &mut Tally {
        if self.tallies.len() <= check {
            self.tallies.resize_with(check + 1, Vec::new);
        }
        let tallies = &mut self.tallies[check];
        if tallies.len() <= cell {
            tallies.resize_with(cell + 1, Tally::default);
        }
        &mut tallies[cell]
    }

    /// The tally of a check on a cell, if something may have been counted in it.
    pub fn get(&self, check: usize, cell: usize) -> Option<&Tally> {
        self.tallies.get(check)?.get(cell)
    }

    /// All tallies of a check, with their cells.
    pub fn of(&self, check: usize) -> impl Iterator<Item = (&CallCell, &Tally)> {
        self.cells.iter().zip(self.tallies.get(check).into_iter().flatten())
    }

    /// All tallies of several checks.
    pub fn of_all(&self, checks: impl Iterator<Item = usize>) -> impl Iterator<Item = (&CallCell, &Tally)> {
        checks.flat_map(|check| self.of(check))
    }

    /// All tallies.
    pub fn all(&self) -> impl Iterator<Item = &Tally> {
        self.tallies.iter().flatten()
    }

    /// The tally of a special case that was found broken by a case that was not drawn for it.
    pub fn broken(&mut self, check: usize, cell: usize) -> &mut Tally {
        self.broken.entry((check, cell)).or_default()
    }

    /// The tallies of a special case that was found broken so, by the index of the cell.
    pub fn broken_of(&self, check: usize) -> impl Iterator<Item = (usize, &Tally)> {
        self.broken.range((check, 0)..(check + 1, 0)).map(|((_, cell), tally)| (*cell, tally))
    }

    /// How a check fails. Meant for a ledger in which one case was counted.
    pub fn failure(&self, check: usize) -> Option<Failure> {
        let tallies = self.tallies.get(check).into_iter().flatten().chain(self.broken_of(check).map(|(_, tally)| tally));
        tallies.filter_map(|tally| tally.first.as_ref().or(tally.no_result.as_ref())).next().cloned()
    }

    /// Counts cases that met the condition of a clause of the function.
    pub fn exercise(&mut self, clause: usize, cases: u64) {
        *self.exercised.entry(clause).or_default() += cases;
    }

    /// The number of judged cases that met the condition of a clause of the function.
    pub fn exercised(&self, clause: usize) -> u64 {
        self.exercised.get(&clause).copied().unwrap_or(0)
    }
}
