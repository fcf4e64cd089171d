//! The id of a case: what it is drawn for, and its number among such cases. The schedule: in which order the cases of a function run.

/// What a case is drawn for. The order is that of the cases in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Calls of the domain.
    Plain,
    /// Dtypes and forms of call that too few plain cases have.
    Supplement,
    /// The special case with this index.
    Special(usize),
    /// The clause with this index, by which the call has to raise.
    Raises(usize),
    /// Whether the call copies.
    Copy,
    /// Long arrays, of a function that is not element-wise.
    Long,
    /// A call after a call chain.
    Chained,
    /// Operands that a library may refuse.
    Accepted,
    /// A result that the text leaves open.
    Open,
    /// Many elements.
    Large,
}

/// A case of a function: what it is drawn for, and its number among such cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct CaseId {
    pub sort: Sort,
    pub number: u64,
}

impl Sort {
    /// The `number`-th case of this sort.
    pub fn nth(self, number: u64) -> CaseId {
        CaseId { sort: self, number }
    }
}

impl CaseId {
    /// The `n`-th case of the same sort after this one.
    pub fn after(self, n: u64) -> CaseId {
        self.sort.nth(self.number + n)
    }

    /// The special case that it is drawn for, by index.
    pub fn special(self) -> Option<usize> {
        if let Sort::Special(rule) = self.sort { Some(rule) } else { None }
    }
}

/// The blocks of a function in the order in which they run: for each sort of case, how many blocks there are.
#[derive(Debug, Clone, Default)]
pub struct Schedule(Vec<(Sort, u64)>);

impl Schedule {
    /// The schedule of these sorts.
    pub fn new(sorts: impl IntoIterator<Item = (Sort, u64)>) -> Schedule {
        Schedule(sorts.into_iter().collect())
    }

    /// The number of blocks.
    pub fn blocks(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The sort of the `n`-th block, and the number of the block in it.
    pub fn at(&self, mut n: u64) -> Option<(Sort, u64)> {
        for (sort, count) in &self.0 {
            if n < *count {
                return Some((*sort, n));
            }
            n -= count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_its_place_among_those_of_its_sort() {
        let schedule = Schedule::new([(Sort::Plain, 2), (Sort::Raises(0), 0), (Sort::Raises(1), 1), (Sort::Copy, 2)]);
        let all: Vec<(Sort, u64)> = (0..schedule.blocks()).filter_map(|n| schedule.at(n)).collect();
        assert_eq!(all, [(Sort::Plain, 0), (Sort::Plain, 1), (Sort::Raises(1), 0), (Sort::Copy, 0), (Sort::Copy, 1)]);
        assert!(all.is_sorted() && schedule.at(5).is_none());
    }
}
