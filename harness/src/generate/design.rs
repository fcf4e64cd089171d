//! A covering design: which levels of which factors the first cases of a function have, so that all levels, and all pairs of levels of two
//! factors, are met as early as possible.
//!
//! A factor is a choice among a few levels that a draw makes, such as whether an argument is passed, the rank of an array or its layout. A
//! draw makes these choices with [`super::values::Random::pick`], which also says which levels are legal at that point. So nothing
//! describes the factors a second time: the design learns them from the draws. It proposes a row of levels, the draw follows it as far as it
//! is legal, and tells which levels it took. The rows are chosen greedily, one at a time, as in AETG (Cohen, Dalal, Fredman and Patton,
//! IEEE Transactions on Software Engineering 23, 1997).

use array_assay_format::{Covered, Met};

/// A choice that a draw makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor {
    /// What the choice is about: zero for the call as a whole, else the number of a parameter or operand, counted from one.
    pub of: u8,
    /// The name of the choice.
    pub name: &'static str,
}

/// The factor that every row fixes: which combination of dtypes a case has.
pub const DTYPES: Factor = Factor { of: 0, name: "dtypes" };

/// A level of a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The factor.
    pub factor: Factor,
    /// The level.
    pub level: usize,
    /// How many levels the factor has.
    pub levels: usize,
}

/// The levels that a draw is to take, at most one for each factor.
pub type Row = Vec<(Factor, usize)>;

/// Whether a level, or a pair of levels, was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not yet. So many rows asked for it in vain.
    Open(u8),
    Met,
    /// No draw could make it, however often it was asked for.
    Impossible,
}

/// How many rows ask for a pair before it counts as impossible.
const TRIES: u8 = 3;

/// A covering design that grows with the draws.
#[derive(Debug, Clone, Default)]
pub struct Design {
    /// The factors, in the order in which they were first met, each with the numbers of its levels.
    factors: Vec<(Factor, Vec<usize>)>,
    /// For each level: its factor, by index.
    factor_of: Vec<usize>,
    /// For each level: how many draws took it.
    taken: Vec<u32>,
    /// For each two levels whether they were met together. A level with itself: whether it was met.
    pairs: Vec<Vec<State>>,
    /// For each level: the number of open pairs.
    open: Vec<usize>,
}

impl Design {
    /// The next row. It has the levels `fixed`, and of the other factors those that make the most open pairs.
    pub fn propose(&self, fixed: &[(Factor, usize)]) -> Row {
        let mut chosen: Vec<usize> = fixed.iter().filter_map(|(factor, level)| self.number(*factor, *level)).collect();
        let is_fixed = |f: &usize| chosen.iter().any(|level| self.factor_of[*level] == *f);
        let mut free: Vec<usize> = (0..self.factors.len()).filter(|f| !is_fixed(f)).collect();
        let most_open = |f: &usize| self.factors[*f].1.iter().map(|level| self.open[*level]).max();
        free.sort_by_key(|f| std::cmp::Reverse(most_open(f)));
        for factor in free {
            let gain = |level: usize| chosen.iter().filter(|other| self.is_open(level, **other)).count();
            let worth = |level: &usize| (gain(*level), self.open[*level], std::cmp::Reverse(self.taken[*level]), std::cmp::Reverse(*level));
            chosen.extend(self.factors[factor].1.iter().copied().max_by_key(worth));
        }
        let of = |level: &usize| {
            let (factor, levels) = &self.factors[self.factor_of[*level]];
            (*factor, levels.iter().position(|other| other == level).unwrap_or_default())
        };
        chosen.iter().map(of).collect()
    }

    /// Records which levels a draw took that was asked for a row. What it was asked for and did not take is asked for again, up to a limit.
    pub fn take(&mut self, asked: &[(Factor, usize)], taken: &[Choice]) {
        taken.iter().for_each(|choice| self.learn(choice));
        let made: Vec<usize> = taken.iter().filter_map(|choice| self.number(choice.factor, choice.level)).collect();
        for (i, level) in made.iter().enumerate() {
            self.taken[*level] += 1;
            made[i..].iter().for_each(|other| self.set(*level, *other, State::Met));
        }
        let asked: Vec<usize> = asked.iter().filter_map(|(factor, level)| self.number(*factor, *level)).collect();
        for (i, level) in asked.iter().enumerate() {
            for other in &asked[i..] {
                if let State::Open(tries) = self.pairs[*level][*other] {
                    self.set(*level, *other, if tries + 1 < TRIES { State::Open(tries + 1) } else { State::Impossible });
                }
            }
        }
    }

    /// Whether every pair of levels was met, or cannot be made.
    pub fn is_complete(&self) -> bool {
        self.open.iter().all(|open| *open == 0)
    }

    /// How many of the levels, and how many of the pairs of levels, were met.
    pub fn covered(&self) -> Covered {
        let all = 0..self.pairs.len();
        let levels = self.count(all.clone().map(|level| (level, level)));
        let pairs = all.clone().flat_map(|a| (a + 1..all.end).map(move |b| (a, b)));
        Covered { levels, pairs: self.count(pairs.filter(|(a, b)| self.factor_of[*a] != self.factor_of[*b])) }
    }

    fn count(&self, pairs: impl Iterator<Item = (usize, usize)>) -> Met {
        pairs.fold(Met::default(), |Met { met, all }, (a, b)| match self.pairs[a][b] {
            State::Met => Met { met: met + 1, all: all + 1 },
            State::Open(_) => Met { met, all: all + 1 },
            State::Impossible => Met { met, all },
        })
    }

    fn is_open(&self, a: usize, b: usize) -> bool {
        matches!(self.pairs[a][b], State::Open(_))
    }

    /// The number of a level among the levels of all factors. `None` if no draw has had it to choose.
    fn number(&self, factor: Factor, level: usize) -> Option<usize> {
        self.factors.iter().find(|(known, _)| *known == factor)?.1.get(level).copied()
    }

    /// Adds the levels of a factor that are new.
    fn learn(&mut self, choice: &Choice) {
        let at = self.factors.iter().position(|(known, _)| *known == choice.factor).unwrap_or_else(|| {
            self.factors.push((choice.factor, Vec::new()));
            self.factors.len() - 1
        });
        while self.factors[at].1.len() < choice.levels {
            let level = self.pairs.len();
            self.factors[at].1.push(level);
            let others = self.factor_of.iter().filter(|of| **of != at).count();
            for (other, row) in self.pairs.iter_mut().enumerate() {
                row.push(State::Open(0));
                self.open[other] += usize::from(self.factor_of[other] != at);
            }
            self.factor_of.push(at);
            self.taken.push(0);
            self.pairs.push(vec![State::Open(0); level + 1]);
            // With itself, a level makes one more pair.
            self.open.push(others + 1);
        }
    }

    fn set(&mut self, a: usize, b: usize, state: State) {
        let closes = self.is_open(a, b) && !matches!(state, State::Open(_));
        if a != b && self.factor_of[a] == self.factor_of[b] {
            return;
        }
        self.pairs[a][b] = state;
        self.pairs[b][a] = state;
        if closes {
            self.open[a] -= 1;
            self.open[b] -= usize::from(a != b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

    /// Makes rows for factors with so many levels until the design is complete. A row is what `make` makes of the levels asked for.
    fn rows(levels: &[usize], make: impl Fn(&[usize]) -> Vec<usize>) -> (Design, Vec<Vec<usize>>) {
        let factor = |k: usize| Factor { of: 1, name: NAMES[k] };
        let (mut design, mut rows) = (Design::default(), Vec::new());
        while rows.is_empty() || !design.is_complete() && rows.len() < 500 {
            let row = design.propose(&[]);
            let wanted = |k| row.iter().find(|(of, _)| *of == factor(k)).map_or(0, |(_, level)| *level);
            let made = make(&(0..levels.len()).map(wanted).collect::<Vec<_>>());
            let taken: Vec<Choice> =
                made.iter().enumerate().map(|(k, level)| Choice { factor: factor(k), level: *level, levels: levels[k] }).collect();
            design.take(&row, &taken);
            rows.push(made);
        }
        (design, rows)
    }

    #[test]
    fn all_pairs_are_met_with_few_rows() {
        for levels in [vec![2, 2, 2, 2, 2, 2], vec![12, 3, 4, 2, 5], vec![3, 3, 3, 3], vec![7]] {
            let (design, rows) = rows(&levels, <[usize]>::to_vec);
            for a in 0..levels.len() {
                for b in a + 1..levels.len() {
                    for (x, y) in (0..levels[a]).flat_map(|x| (0..levels[b]).map(move |y| (x, y))) {
                        assert!(rows.iter().any(|row| row[a] == x && row[b] == y), "{levels:?}: {x} of {a} with {y} of {b}");
                    }
                }
            }
            let mut largest = levels.clone();
            largest.sort_unstable_by(|a, b| b.cmp(a));
            // No design has fewer rows than the two largest factors have pairs.
            let fewest = largest.iter().take(2).product::<usize>();
            assert!(rows.len() <= 2 * fewest.max(4), "{levels:?}: {} rows, at least {fewest}", rows.len());
            assert!(design.is_complete());
            let Covered { levels: met, pairs } = design.covered();
            let all = levels.iter().sum::<usize>() as u64;
            assert_eq!((met, pairs.met), (Met { met: all, all }, pairs.all));
        }
    }

    #[test]
    fn each_level_is_met_in_the_first_rows() {
        let levels = [5, 3, 4, 2];
        let (_, rows) = rows(&levels, <[usize]>::to_vec);
        for (k, count) in levels.iter().enumerate() {
            assert!((0..*count).all(|level| rows[..8].iter().any(|row| row[k] == level)), "factor {k}: {:?}", &rows[..8]);
        }
    }

    #[test]
    fn what_no_draw_can_make_is_given_up_and_told() {
        // The last level of the first factor excludes all but the first level of the second.
        let (design, rows) = rows(&[3, 3, 2], |row| vec![row[0], if row[0] == 2 { 0 } else { row[1] }, row[2]]);
        assert!(design.is_complete() && rows.len() < 40, "{}", rows.len());
        let pairs = 9 + 6 + 6 - 2;
        assert_eq!(design.covered(), Covered { levels: Met { met: 8, all: 8 }, pairs: Met { met: pairs, all: pairs } });
    }

    #[test]
    fn a_fixed_level_stays() {
        let (design, _) = rows(&[3, 3], <[usize]>::to_vec);
        let fixed = (Factor { of: 1, name: NAMES[0] }, 2);
        assert!(design.propose(&[fixed]).contains(&fixed));
    }
}
