//! A covering design: which levels of which factors the cases of a function have, so that all levels, then all pairs of levels of two factors,
//! and then the combinations of three levels, are met as early as possible.
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
    /// Not yet. The doubt that it can be made.
    Open(u8),
    Met,
    /// No draw could make it, however often it was asked for.
    Impossible,
}

/// A pair counts as impossible if there is so much doubt that it can be made. Each row that asks for it in vain adds to the doubt.
const MOST_DOUBT: u8 = 12;

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
    triples: Triples,
}

impl Design {
    /// The next row. It has the levels `fixed`, and of the other factors those that make the most open pairs. Where none makes any, those
    /// that make the most combinations of three. It is empty if nothing is left to be made; and once all pairs are made, half of the rows are,
    /// as `seed` decides: the levels of these are drawn by their weights, and common ones meet more often than rare ones.
    pub fn propose(&self, fixed: &[(Factor, usize)], seed: u64) -> Row {
        if !self.factors.is_empty() && self.is_complete() && seed & 1 == 1 {
            return Row::new();
        }
        let fixed: Vec<usize> = fixed.iter().filter_map(|(factor, level)| self.number(*factor, *level)).collect();
        let (mut chosen, mut made) = self.greedy(fixed.clone(), true);
        if made == 0 && !self.is_complete() {
            // What is open can only be made by levels that seem to exclude each other.
            (chosen, made) = self.greedy(fixed, false);
            made += 1;
        }
        if made == 0 && !self.factors.is_empty() {
            return Row::new();
        }
        let of = |level: &usize| {
            let (factor, levels) = &self.factors[self.factor_of[*level]];
            (*factor, levels.iter().position(|other| other == level).unwrap_or_default())
        };
        chosen.iter().map(of).collect()
    }

    /// Adds a level of each other factor to the levels `chosen`. Also gives the number of pairs that meet in the row for the first time, or, if
    /// all pairs were met, of combinations of three. With `legal`, no level is added that cannot be taken together with one before it: it would
    /// keep the row from meeting other pairs.
    fn greedy(&self, mut chosen: Vec<usize>, legal: bool) -> (Vec<usize>, usize) {
        let is_fixed = |f: &usize| chosen.iter().any(|level| self.factor_of[*level] == *f);
        let mut free: Vec<usize> = (0..self.factors.len()).filter(|f| !is_fixed(f)).collect();
        let most_open = |f: &usize| self.factors[*f].1.iter().map(|level| self.open[*level]).max();
        free.sort_by_key(|f| std::cmp::Reverse(most_open(f)));
        let is_wanted = !self.is_complete();
        let mut made = 0;
        for factor in free {
            let excluded = |level: usize| legal && chosen.iter().any(|other| self.pairs[level][*other] == State::Impossible);
            let levels: Vec<usize> = self.factors[factor].1.iter().copied().filter(|level| !excluded(*level)).collect();
            let pairs = |level: usize| chosen.iter().filter(|other| self.is_open(level, **other)).count();
            let most = levels.iter().map(|level| pairs(*level)).max().unwrap_or_default();
            let gain = |level: usize| if most > 0 { pairs(level) } else { self.triples.open(level, &chosen) };
            let worth = |level: &usize| {
                let later = if is_wanted { self.open[*level] } else { self.open_triples(*level, &chosen) };
                (gain(*level), later, std::cmp::Reverse(self.taken[*level]), std::cmp::Reverse(*level))
            };
            let best = levels.iter().copied().max_by_key(worth);
            made += if most > 0 || !is_wanted { best.map_or(0, gain) } else { 0 };
            chosen.extend(best);
        }
        (chosen, made)
    }

    /// Records which levels a draw took that was asked for a row. What it was asked for and did not take is asked for again, up to a limit.
    pub fn take(&mut self, asked: &[(Factor, usize)], taken: &[Choice]) {
        taken.iter().for_each(|choice| self.learn(choice));
        let made: Vec<usize> = taken.iter().filter_map(|choice| self.number(choice.factor, choice.level)).collect();
        for (i, level) in made.iter().enumerate() {
            self.taken[*level] += 1;
            made[i..].iter().for_each(|other| self.set(*level, *other, State::Met));
        }
        self.triples.meet(&made);
        let asked: Vec<usize> = asked.iter().filter_map(|(factor, level)| self.number(*factor, *level)).collect();
        let pairs: Vec<(usize, usize)> = asked.iter().enumerate().flat_map(|(i, a)| asked[i..].iter().map(move |b| (*a, *b))).collect();
        let is_forced = pairs.iter().any(|(a, b)| self.pairs[*a][*b] == State::Impossible);
        for (a, b) in pairs {
            if let State::Open(doubt) = self.pairs[a][b] {
                // Of a level that was not taken, one that was taken may be the cause. If neither was, a third one is likelier.
                let is_suspect = made.contains(&a) != made.contains(&b);
                let more = if is_forced || a == b { 4 } else { 1 + u8::from(is_suspect) };
                let doubt = doubt + more;
                self.set(a, b, if doubt < MOST_DOUBT { State::Open(doubt) } else { State::Impossible });
            }
        }
        self.triples.ask(&asked);
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

    /// The number of open combinations of three that a level makes with one of the chosen levels and any third one. Of the first level that is
    /// chosen, all of its open combinations.
    fn open_triples(&self, level: usize, chosen: &[usize]) -> usize {
        let all = self.pairs.len();
        let size = |level: usize| self.factors[self.factor_of[level]].1.len();
        if chosen.is_empty() {
            let (others, own) = (all - size(level), self.factor_of[level]);
            let squares: usize =
                self.factors.iter().enumerate().filter(|(f, _)| *f != own).map(|(_, (_, levels))| levels.len().pow(2)).sum();
            return ((others.pow(2) - squares) / 2).saturating_sub(self.triples.closed(level, level));
        }
        let with = |other: &usize| (all - size(level) - size(*other)).saturating_sub(self.triples.closed(level, *other));
        chosen.iter().map(with).sum()
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

/// Which combinations of three levels of different factors were met, or asked for twice.
#[derive(Debug, Clone, Default)]
struct Triples {
    /// There is room for the levels below this number.
    levels: usize,
    /// Two bits for each combination: how often it was asked for in vain. A combination that was met, or asked for twice, is closed.
    tries: Vec<u64>,
    /// For each two levels how many of their combinations with a third one are closed. A level with itself: how many of its combinations are.
    closed: Vec<u32>,
}

impl Triples {
    const CLOSED: u64 = 2;

    /// The number of open combinations of a level with two of the chosen ones.
    fn open(&self, level: usize, chosen: &[usize]) -> usize {
        let pairs = chosen.iter().enumerate().flat_map(|(i, a)| chosen[..i].iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| self.tries(*a, *b, level) < Triples::CLOSED).count()
    }

    /// Closes all combinations of these levels.
    fn meet(&mut self, levels: &[usize]) {
        self.change(levels, |_| Triples::CLOSED);
    }

    /// Counts that a row asked for all combinations of these levels.
    fn ask(&mut self, levels: &[usize]) {
        self.change(levels, |tries| (tries + 1).min(Triples::CLOSED));
    }

    fn change(&mut self, levels: &[usize], to: impl Fn(u64) -> u64) {
        self.make_room(levels.iter().max().map_or(0, |level| level + 1));
        for (i, a) in levels.iter().enumerate() {
            for (j, b) in levels[..i].iter().enumerate() {
                for c in &levels[..j] {
                    let (word, shift) = self.place(*a, *b, *c);
                    let (old, new) = (self.tries[word] >> shift & 3, to(self.tries[word] >> shift & 3));
                    self.tries[word] = self.tries[word] & !(3 << shift) | new << shift;
                    if old < Triples::CLOSED && new == Triples::CLOSED {
                        for (x, y) in [(*a, *b), (*b, *a), (*a, *c), (*c, *a), (*b, *c), (*c, *b), (*a, *a), (*b, *b), (*c, *c)] {
                            self.closed[x * self.levels + y] += 1;
                        }
                    }
                }
            }
        }
    }

    fn tries(&self, a: usize, b: usize, c: usize) -> u64 {
        if a.max(b).max(c) >= self.levels {
            return 0;
        }
        let (word, shift) = self.place(a, b, c);
        self.tries[word] >> shift & 3
    }

    /// How many combinations of two levels with a third one are closed. Of a level with itself: how many of its combinations are.
    fn closed(&self, a: usize, b: usize) -> usize {
        if a.max(b) < self.levels { self.closed[a * self.levels + b] as usize } else { 0 }
    }

    /// The word and the bit of a combination. The order of the levels does not matter.
    fn place(&self, a: usize, b: usize, c: usize) -> (usize, usize) {
        let (low, high) = (a.min(b).min(c), a.max(b).max(c));
        let index = (low * self.levels + (a + b + c - low - high)) * self.levels + high;
        (index / 32, index % 32 * 2)
    }

    /// Makes room for so many levels.
    fn make_room(&mut self, levels: usize) {
        if levels <= self.levels {
            return;
        }
        let old = std::mem::take(self);
        self.levels = levels.next_multiple_of(32);
        self.tries = vec![0; self.levels.pow(3).div_ceil(32)];
        self.closed = vec![0; self.levels.pow(2)];
        for (at, closed) in old.closed.iter().enumerate() {
            self.closed[at / old.levels * self.levels + at % old.levels] = *closed;
        }
        for (word, tries) in old.tries.iter().enumerate().filter(|(_, tries)| **tries != 0) {
            for bit in (0..32).filter(|bit| tries >> (2 * bit) & 3 != 0) {
                let index = word * 32 + bit;
                let (a, b, c) = (index / old.levels.pow(2), index / old.levels % old.levels, index % old.levels);
                let (word, shift) = self.place(a, b, c);
                self.tries[word] |= (tries >> (2 * bit) & 3) << shift;
            }
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
            let row = design.propose(&[], 0);
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
    fn a_pair_is_not_given_up_for_what_another_level_excludes() {
        // The second factor has levels other than its first only where the first factor has its last.
        let (design, rows) = rows(&[5, 4, 16], |row| vec![row[0], if row[0] == 4 { row[1] } else { 0 }, row[2]]);
        for (x, y) in (0..4).flat_map(|x| (0..16).map(move |y| (x, y))) {
            assert!(rows.iter().any(|row| (row[1], row[2]) == (x, y)), "{x} {y}");
        }
        assert!(design.is_complete() && rows.len() < 300, "{}", rows.len());
    }

    #[test]
    fn combinations_of_three_follow_the_pairs() {
        let levels = [4, 3, 3, 2, 40];
        let factor = |k: usize| Factor { of: 1, name: NAMES[k] };
        let (mut design, mut rows): (Design, Vec<Vec<usize>>) = (Design::default(), Vec::new());
        loop {
            let row = design.propose(&[], 0);
            if row.is_empty() && !rows.is_empty() {
                break;
            }
            let wanted = |k| row.iter().find(|(of, _)| *of == factor(k)).map_or(0, |(_, level)| *level);
            let made: Vec<usize> = (0..levels.len()).map(wanted).collect();
            let taken: Vec<Choice> =
                made.iter().enumerate().map(|(k, level)| Choice { factor: factor(k), level: *level, levels: levels[k] }).collect();
            design.take(&row, &taken);
            rows.push(made);
        }
        for (x, y, z) in (0..4).flat_map(|x| (0..3).flat_map(move |y| (0..40).map(move |z| (x, y, z)))) {
            assert!(rows.iter().any(|row| (row[0], row[1], row[4]) == (x, y, z)), "{x} {y} {z}");
        }
        // The three largest factors have 480 combinations.
        assert!(rows.len() < 2 * 480, "{}", rows.len());
        assert!(design.is_complete());
    }

    #[test]
    fn a_fixed_level_stays() {
        let mut design = Design::default();
        let of = |name| Choice { factor: Factor { of: 1, name }, level: 0, levels: 3 };
        design.take(&[], &[of("a"), of("b")]);
        let fixed = (Factor { of: 1, name: "a" }, 2);
        assert!(design.propose(&[fixed], 1).contains(&fixed));
    }
}
