//! An element-wise function under test. It has its own stream of cases, and one for each of its special cases.

use array_assay_format::{Check, Property};
use array_assay_interface::Block;
use array_assay_oracle::Kernel;
use array_assay_spec::checks::CheckDefinition;
use array_assay_spec::{Function, Spec};

use super::chain::stripped;
use super::options::Options;
use super::records::{Records, slots_of};
use super::shrink::CHAINED;
use super::subject::{Shared, Subject};
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::{BackendProfile, Budget, CallChain, CallChains, Case, CaseBlock, Stream, StreamKind, streams};
use crate::judge::{FunctionJudge, FunctionTally, Place, Slot};
use crate::snippet::Language;

/// One in this many cases of a function ends a call chain.
const CHAINED_SHARE: u64 = 40;

/// At least so many cases end a call chain, if so many are drawn.
const CHAINED_LEAST: u64 = 10;

/// An element-wise function under test.
pub(super) struct Elementwise<'a> {
    function: &'a Function,
    options: &'a Options,
    language: &'a Language,
    judge: FunctionJudge<'a>,
    streams: Vec<Stream<'a>>,
    tally: FunctionTally,
    chains: &'a CallChains<'a>,
    profile: &'a BackendProfile,
    /// The slots of the selected checks.
    selected: Vec<Slot>,
}

impl<'a> Elementwise<'a> {
    /// The function, with those of its streams that the selected checks need.
    pub fn new(
        spec: &'a Spec,
        function: &'a Function,
        kernel: &'a Kernel,
        shared: Shared<'a>,
        definitions: &[CheckDefinition],
    ) -> Elementwise<'a> {
        let Shared { options, language, capabilities, profile, chains } = shared;
        let wanted = |kind: StreamKind<'_>| match kind {
            StreamKind::Function => definitions.iter().any(|d| d.id.property != Property::Special),
            StreamKind::Special(rule) => {
                definitions.iter().any(|d| d.id.property == Property::Special && d.id.slug.as_deref() == Some(&rule.slug))
            }
        };
        let budget = Budget { seed: options.seed, cases: options.cases.into() };
        let streams = streams(spec, function, profile, budget, &wanted);
        let most = streams.iter().map(|s| s.combinations.len()).max().unwrap_or(0);
        let tally = FunctionTally::new(most, &vec![most; function.rules.len()]);
        let judge = FunctionJudge::new(spec, function, kernel, capabilities, &profile.losses);
        let selected = definitions.iter().filter_map(|definition| Slot::of(function, &definition.id)).collect();
        Elementwise { function, options, language, judge, streams, tally, chains, profile, selected }
    }

    /// For the `n`-th block, if it is a case that ends a call chain: the function's own stream, and the index among these cases.
    fn chained(&self, n: u64) -> Option<(&Stream<'a>, u64)> {
        let own = self.streams.iter().find(|stream| stream.kind == StreamKind::Function)?;
        n.checked_sub(self.alone()).map(|index| (own, index))
    }

    /// The number of blocks whose cases do not end a call chain.
    fn alone(&self) -> u64 {
        self.streams.iter().map(Stream::blocks).sum()
    }

    /// The stream of the `n`-th block, and the index of the block in that stream.
    fn place(&self, mut n: u64) -> Option<(&Stream<'a>, u64)> {
        self.streams.iter().find_map(|stream| {
            let length = stream.blocks();
            if n < length {
                return Some((stream, n));
            }
            n -= length;
            None
        })
    }
}

/// The cases that go to the worker as one block.
pub(super) enum Cases {
    /// Cases of a stream, with the index of the first of them.
    Block(u64, CaseBlock),
    /// A case that ends a call chain, with the index of its combination of dtypes.
    Chained(Case, CallChain, usize),
}

impl<'a> Subject for Elementwise<'a> {
    type Cases = Cases;

    fn blocks(&self) -> u64 {
        let cases = u64::from(self.options.cases);
        self.alone() + (cases / CHAINED_SHARE).max(CHAINED_LEAST.min(cases))
    }

    fn block(&self, n: u64) -> Option<(Cases, Block)> {
        if let Some((stream, index)) = self.chained(n) {
            let (case, chain, combination) = stream.chained(self.chains, index)?;
            let program = chain.before(&case.program(self.function));
            return Some((Cases::Chained(case, chain, combination), program.into()));
        }
        let (stream, nth) = self.place(n)?;
        let (index, cases) = stream.block(nth)?;
        let block = cases.program(self.function);
        Some((Cases::Block(index, cases), block))
    }

    fn judge(&mut self, n: u64, cases: &Cases, block: &Block, seen: Seen, flaky: &[usize]) {
        match cases {
            Cases::Chained(case, chain, combination) => {
                let (Some((stream, index)), Some(observed)) = (self.chained(n), seen.each(1).pop()) else { return };
                let Some((program, observed)) = stripped(chain, &block.program, &observed) else { return };
                let at = Place { kind: stream.kind, rule: None, index: CHAINED | index, combination: *combination, targets: &[] };
                self.judge.judge(&at, case, &program, &observed, &mut self.tally);
            }
            Cases::Block(index, cases) => {
                let Some((stream, _)) = self.place(n) else { return };
                let (kind, rule, combination) = (stream.kind, stream.rule, stream.combination_of(*index));
                let at = Place { kind, rule, index: *index, combination, targets: &cases.targets };
                match seen {
                    Seen::Together(values) if self.judge.judge_together(&at, cases, &block.program, &values, &mut self.tally) => {}
                    seen => {
                        for (run, observed) in seen.each(block.runs).iter().enumerate() {
                            let at = Place { index: index + run as u64, targets: cases.targets_in(run), ..at };
                            self.judge.judge(&at, &cases.case(run), &block.program(run), observed, &mut self.tally);
                        }
                    }
                }
                for _ in flaky {
                    let slot = rule.map_or(Slot::Call(cases.stacked.form()), Slot::Special);
                    self.tally.at(slot, combination).flaky += 1;
                }
            }
        }
    }

    fn deviates(&mut self) -> bool {
        let sound = |stream: &&Stream<'_>| !matches!(stream.kind, StreamKind::Special(rule) if rule.doubt.is_some());
        let mut slots = self
            .streams
            .iter()
            .filter(sound)
            .flat_map(|stream| slots_of(stream).into_iter().map(move |slot| (slot, stream.combinations.len())))
            .filter(|(slot, _)| self.selected.contains(slot));
        slots.any(|(slot, n)| (0..n).any(|c| self.tally.at(slot, c).failures > 0))
    }

    fn record(&mut self, supervisor: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let mut records = Records {
            options: self.options,
            language: self.language,
            function: self.function,
            streams: &self.streams,
            chains: self.chains,
            profile: self.profile,
            tally: &mut self.tally,
        };
        records.check(supervisor, &self.judge, definition)
    }
}
