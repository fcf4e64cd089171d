//! Blocks: cases that differ only in the elements of their arrays. Everything else is drawn, sent and judged once for all of them, which
//! saves most of the time outside the library.

use array_assay_interface::{Array, Block};
use array_assay_oracle::call::Given;
use array_assay_spec::Function;

use super::call::Call;
use super::case::result_shape;
use super::layout::Layout;

/// Cases of one function with the same shapes, layouts, scalars and form of call.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseBlock<'a> {
    /// All cases in one: each array holds the arrays of all runs, stacked along a first axis. If another operand has a higher rank, axes of
    /// length one follow, so that the stacked operands broadcast like those of one run.
    pub stacked: Call<'a>,
    /// The number of cases.
    pub runs: usize,
    /// The target mask, in the stream of a special case: which elements of the stacked result were drawn for it. The function's own stream
    /// judges the others. Empty if all elements count.
    pub targets: Vec<bool>,
    /// The rank that each array has in a case.
    ranks: Vec<usize>,
}

impl<'a> CaseBlock<'a> {
    /// A block of `runs` cases. Each array of `stacked` holds the arrays of all runs, stacked along a first axis.
    pub fn new(mut stacked: Call<'a>, runs: usize, targets: Vec<bool>) -> CaseBlock<'a> {
        let ranks: Vec<usize> = stacked.laid().map(|(array, _)| array.shape.len() - 1).collect();
        let highest = ranks.iter().copied().max().unwrap_or(0);
        for (array, rank) in stacked.arrays_mut().zip(&ranks) {
            array.shape.splice(1..1, std::iter::repeat_n(1, highest - rank));
        }
        CaseBlock { stacked, runs, targets, ranks }
    }

    /// Keeps only the first `runs` cases.
    pub fn truncate(&mut self, runs: usize) {
        for array in self.stacked.arrays_mut() {
            array.data.truncate(array.data.len() / self.runs * runs);
            array.shape[0] = runs;
        }
        self.targets.truncate(self.targets.len() / self.runs * runs);
        self.runs = runs;
    }

    /// Repeats the elements of each vector up to this length. The block has one case.
    pub(super) fn lengthen(&mut self, length: usize) {
        for array in self.stacked.arrays_mut() {
            array.data = array.data.iter().copied().cycle().take(length * array.dtype.size()).collect();
            array.shape = vec![1, length];
        }
    }

    /// The target mask of one run.
    pub fn targets_in(&self, run: usize) -> &[bool] {
        let each = self.targets.len() / self.runs;
        &self.targets[run * each..(run + 1) * each]
    }

    /// The call of one run.
    pub fn case(&self, run: usize) -> Call<'a> {
        let mut ranks = self.ranks.iter();
        self.stacked.with_arrays(|array| own(array, ranks.next().copied().unwrap_or_default(), run))
    }

    /// The array operands: the stacked array, its layout, and the shape that it has in one run.
    pub fn arrays(&self) -> impl Iterator<Item = (&Array, Layout, &[usize])> {
        self.stacked.laid().zip(&self.ranks).map(|((array, layout), rank)| (array, layout, &array.shape[array.shape.len() - rank..]))
    }

    /// The shape of the result of each case, by the spec.
    pub fn result_shape(&self, function: &Function) -> Option<Vec<usize>> {
        let mut shapes = self.arrays().map(|(_, _, shape)| shape);
        let of = |k| self.stacked.operand(function, k).and_then(Given::leaf).and_then(|_| shapes.next());
        result_shape(function, (0..function.operands.len()).map(of))
    }

    /// The programs that make the calls.
    pub fn program(&self, function: &Function) -> Block {
        if self.runs == 1 {
            return self.case(0).program(function).into();
        }
        let laid = self.arrays().map(|(array, layout, shape)| {
            let laid = match layout {
                Layout::Contiguous => {
                    let stacked = std::iter::once(self.runs).chain(shape.iter().copied()).collect();
                    Array { dtype: array.dtype, shape: stacked, data: array.data.clone() }
                }
                _ => stack((0..self.runs).map(|run| layout.physical(&own(array, shape.len(), run)))),
            };
            (laid, layout, shape.to_vec())
        });
        Block { program: self.stacked.program_on(function, laid.collect()), runs: self.runs }
    }
}

/// The array of one run in a stacked array.
fn own(stacked: &Array, rank: usize, run: usize) -> Array {
    let shape = stacked.shape[stacked.shape.len() - rank..].to_vec();
    let size = stacked.dtype.size() * shape.iter().product::<usize>();
    Array { dtype: stacked.dtype, shape, data: stacked.data[run * size..(run + 1) * size].to_vec() }
}

/// Stacks arrays of the same dtype and shape along a first axis. There must be at least one.
fn stack(mut arrays: impl Iterator<Item = Array>) -> Array {
    let mut out = arrays.next().expect("a block has runs");
    let mut count = 1;
    for array in arrays {
        out.data.extend(array.data);
        count += 1;
    }
    out.shape.insert(0, count);
    out
}

#[cfg(test)]
mod tests {
    use array_assay_interface::Program;
    use array_assay_spec::Spec;

    use crate::generate::{BackendProfile, Budget, Sort, Stream, streams};

    #[test]
    fn the_programs_of_a_block_are_those_of_its_cases() {
        let spec = Spec::embedded();
        for (category, name) in
            [("elementwise", "add"), ("elementwise", "clip"), ("elementwise", "sin"), ("array", "__rsub__"), ("array", "__iadd__")]
        {
            let function = spec.function(category, name).expect("it is in the spec");
            let profile = BackendProfile::default();
            for stream in streams(spec, function, &profile, Budget { seed: 3, cases: 1000 }, &|sort| sort == Sort::Plain || name == "add") {
                for n in 0..stream.blocks() {
                    let Some((first, block)) = stream.block(n) else { continue };
                    let programs: Vec<Program> = block.program(function).programs().collect();
                    assert_eq!(programs.len(), block.runs);
                    for (run, program) in programs.iter().enumerate() {
                        let case = block.case(run);
                        // NaN is not equal to itself, so the debug texts are compared.
                        assert_eq!(format!("{case:?}"), format!("{:?}", stream.case(first.after(run as u64))));
                        assert_eq!(format!("{program:?}"), format!("{:?}", case.program(function)), "{name} {n}");
                        assert_eq!(block.result_shape(function), case.result_shape(function));
                    }
                }
            }
        }
    }

    #[test]
    fn another_seed_gives_other_cases() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let function = spec.function("elementwise", "add").expect("it is in the spec");
        let drawn = |seed| {
            let streams = streams(spec, function, &profile, Budget { seed, cases: 100 }, &|_| true);
            let cases = |stream: &Stream<'_>| {
                (0..20).map(|i| format!("{:?}", stream.case(Sort::Plain.nth(stream.before_rows() + i)))).collect::<Vec<_>>()
            };
            streams.iter().map(cases).collect::<Vec<_>>()
        };
        assert_eq!(drawn(0), drawn(0));
        for (one, other) in drawn(0).iter().zip(&drawn(1)) {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn every_combination_of_dtypes_has_its_turn() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        for function in spec.functions.iter().filter(|f| f.is_elementwise()) {
            for stream in streams(spec, function, &profile, Budget { seed: 0, cases: 1000 }, &|_| true) {
                let cases = stream.before_rows()..stream.before_rows() + stream.budget.cases;
                let mut drawn = vec![0; stream.combinations.len()];
                cases.for_each(|index| drawn[stream.combination_of(Sort::Plain.nth(index))] += 1);
                let never: Vec<&str> =
                    stream.combinations.iter().zip(&drawn).filter(|(_, n)| **n == 0).map(|(c, _)| c.label.as_str()).collect();
                assert!(never.is_empty(), "{} never draws {never:?}", stream.name());
                // The combinations of one dtype get about equal shares. Special cases of a dtype add to its share.
                let uniform =
                    drawn.iter().zip(&stream.combinations).filter(|(_, c)| c.dtypes.iter().all(|d| *d == c.common)).map(|(n, _)| *n);
                let (least, most) = (uniform.clone().min().unwrap_or(1), uniform.max().unwrap_or(1));
                assert!(least * 10 >= most, "{}: {least} of one dtype, {most} of another", stream.name());
            }
        }
    }
}
