//! What the command `bench` needs: a sample of the programs of a run, and the time that the oracle takes for it.

use std::time::{Duration, Instant};

use array_assay_format::Glob;
use array_assay_interface::Program;
use array_assay_spec::{Function, Spec};

use crate::generate::{BackendProfile, Budget, CallStream, broadcast, streams};

/// Programs from every stream of a run, with the time that the oracle takes for the elements of element-wise functions.
pub struct Sample {
    /// The programs.
    pub programs: Vec<Program>,
    /// The time that the oracle takes.
    pub oracle: Duration,
    /// The number of elements that the oracle computes.
    pub elements: usize,
}

/// Draws every `stride`-th case of every stream of the selected functions. Without globs, all functions of the standard are selected.
pub fn sample(spec: &Spec, select: &[Glob], cases: u32, stride: usize) -> Sample {
    let profile = BackendProfile::default();
    let mut out = Sample { programs: Vec::new(), oracle: Duration::ZERO, elements: 0 };
    let selected = |f: &&Function| select.is_empty() || select.iter().any(|glob| glob.matches_function(&f.category, &f.name));
    for function in spec.functions.iter().filter(selected) {
        if !function.is_elementwise() {
            let stream = CallStream::new(spec, function, &profile);
            let cases =
                stream.iter().flat_map(|stream| (0..stream.cases(0, cases)).step_by(stride).filter_map(|index| stream.case(0, index)));
            out.programs.extend(cases.map(|case| case.call.program(function)));
            continue;
        }
        let Some(kernel) = array_assay_oracle::kernel(function.semantics()) else { continue };
        for stream in streams(spec, function, &profile, Budget { seed: 0, cases: cases.into() }, &|_| true) {
            let blocks = (0..stream.blocks()).filter_map(|n| stream.block(n)).map(|(_, block)| block);
            let each = blocks.flat_map(|block| (0..block.runs).map(move |run| (block.case(run), block.targets_in(run).to_vec())));
            for (case, targets) in each.step_by(stride) {
                out.programs.push(case.program(function));
                let shape = broadcast(case.laid().map(|(array, _)| array.shape.as_slice()));
                if let (Some(common), Some(shape)) = (case.common_dtype(spec), shape) {
                    let pairing = case.pairing(function, common, &shape);
                    let total = shape.iter().product();
                    let clock = Instant::now();
                    // In the stream of a special case, only the target elements are judged.
                    for i in (0..total).filter(|i| targets.get(*i) != Some(&false)) {
                        std::hint::black_box(kernel.eval(common, &pairing.arguments(i)));
                    }
                    out.oracle += clock.elapsed();
                    out.elements += total;
                }
            }
        }
    }
    out
}
