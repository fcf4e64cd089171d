//! Arguments of Fourier transforms: signals, lengths and axes.

use array_assay_interface::{DType, Element, Scalar};
use array_assay_oracle::call::{self as oracle, Given, half_of_real};
use array_assay_spec::{Domain, Values};

use super::{Draw, int};
use crate::generate::values::Random;

/// One in this many signals is long.
const LONG_SHARE: usize = 48;

/// The lengths of long signals: powers of two and of other small primes, products of several primes, and primes.
const LONG: [usize; 16] = [64, 81, 100, 127, 128, 210, 243, 256, 360, 509, 512, 1000, 1024, 1155, 2048, 4096];

/// The longest signal that may get a transform length far from its own.
const SHORT: usize = 64;

impl Draw<'_, '_> {
    /// The shape of a stack of signals, which are seldom long.
    pub(super) fn signal_shape(&mut self, rank: (usize, usize), values: Values) -> Vec<usize> {
        if self.size < usize::MAX || !self.random.pick_yes("long", LONG_SHARE) {
            return self.shape(rank);
        }
        let n = LONG[self.random.below(LONG.len())];
        let n = if values == Values::HalfSpectrum { n / 2 + 1 } else { n };
        [vec![n], vec![2, n], vec![n, 2]][self.random.below(3)].clone()
    }

    /// The `total` samples of a signal. Sets the class of the call's inputs.
    pub(super) fn signal(&mut self, dtype: DType, total: usize) -> Vec<Element> {
        let (class, samples): (_, Vec<(f64, f64)>) = match self.random.pick("signal", &[1, 1, 1, 1, 4]) {
            0 => ("tones", pure(self.random, total)),
            1 => ("whole numbers", (0..total).map(|_| (whole(self.random), whole(self.random))).collect()),
            2 => {
                let scale = 2f64.powi(self.random.below(161) as i32 - 80);
                let scale = if dtype.real() == DType::Float32 { scale.sqrt() } else { scale };
                ("tiny and huge", noise(self.random, total).into_iter().map(|(re, im)| (scale * re, scale * im)).collect())
            }
            3 => {
                let scaled = |random: &mut Random, v: f64| v * 2f64.powi(random.below(41) as i32 - 20);
                let noise = noise(self.random, total);
                ("mixed magnitudes", noise.into_iter().map(|(re, im)| (scaled(self.random, re), scaled(self.random, im))).collect())
            }
            _ => ("noise", noise(self.random, total)),
        };
        self.class = Some(class);
        let element = |(re, im)| if dtype.is_complex() { Element::C128(re, im).cast(dtype) } else { Element::F64(re).cast(dtype) };
        samples.into_iter().map(element).collect()
    }

    /// In most calls, replaces half of a spectrum by one whose inverse transform is real. The standard does not say what the transform of
    /// any other half is.
    pub(super) fn halve(&mut self) {
        let of = self.function.parameters.iter().find(|p| matches!(p.domain, Domain::Array { values: Values::HalfSpectrum, .. }));
        let Some(parameter) = of.filter(|_| self.random.below(8) > 0) else { return };
        let call = oracle::Call { given: &self.given, dtype: None, defaults: self.profile.defaults };
        let half = half_of_real(&self.function.path(), &call);
        if let (Some(half), Some((_, given))) = (half, self.given.iter_mut().find(|(name, _)| *name == parameter.name)) {
            *given = Given::Array(half);
        }
    }

    /// The length `n` of a transform along one axis. With `half`, the input holds half of a spectrum, and `n` is the length of the result.
    pub(super) fn transform_length(&mut self, of: &str, along: &str, half: bool) -> Option<Given> {
        let shape = self.array_of(of)?.shape.clone();
        let axis = match self.find(along) {
            Some(Given::Scalar(Scalar::Int(axis))) => axis.rem_euclid(shape.len() as i128) as usize,
            _ => shape.len() - 1,
        };
        Some(int(self.length(shape[axis], half)))
    }

    /// A length for each axis of the argument `along`, as [`Draw::transform_length`] draws it.
    pub(super) fn transform_lengths(&mut self, of: &str, along: &str, half: bool) -> Option<Given> {
        let shape = self.array_of(of)?.shape.clone();
        let axes = self.find(along)?.items()?.iter().filter_map(Given::integer);
        let axes: Vec<usize> = axes.map(|axis| axis.rem_euclid(shape.len() as i128) as usize).collect();
        // The standard does not say what -1 means on the axis that holds half of a spectrum.
        let whole = axes.len() > usize::from(half) && self.random.pick_yes("whole axes", 4);
        let mut lengths = Vec::with_capacity(axes.len());
        for (i, axis) in axes.iter().enumerate() {
            let half = half && i + 1 == axes.len();
            let is_whole = whole && !half && (i == 0 || self.random.below(2) == 0);
            lengths.push(if is_whole { int(-1) } else { int(self.length(shape[*axis], half)) });
        }
        Some(self.sequence(lengths))
    }

    /// One or more axes to transform.
    pub(super) fn transform_axes(&mut self, of: &str) -> Option<Given> {
        let rank = self.array_of(of)?.shape.len();
        if rank == 0 {
            return None;
        }
        let count = match self.random.pick("count", &[1, usize::from(rank > 1), usize::from(rank > 2)]) {
            0 => 1,
            1 => rank,
            _ => 2 + self.random.below(rank - 2),
        };
        let axes = self.some_axes(rank, count);
        let axes = axes.into_iter().map(|axis| int(self.either_end(axis, rank))).collect();
        Some(self.sequence(axes))
    }

    /// The distance between two samples.
    pub(super) fn spacing(&mut self) -> Scalar {
        let common = [0.5, 0.1, 2.0, 1.0, 1e-3, 1.0 / 44_100.0, 100.0];
        Scalar::Float(if self.random.below(2) == 0 { common[self.random.below(common.len())] } else { 10.0 * (self.random.unit() + 1e-3) })
    }

    fn sequence(&mut self, items: Vec<Given>) -> Given {
        if self.random.pick_yes("list", 4) { Given::List(items) } else { Given::Tuple(items) }
    }

    /// A transform length near `size`, the length of the axis; for short axes sometimes any length up to about twice that.
    fn length(&mut self, size: usize, half: bool) -> i64 {
        let own = if half { 2 * size.saturating_sub(1) } else { size };
        let chosen = match self.random.pick("length", &[1, 1, 1, 1, 4 * usize::from(own <= SHORT)]) {
            0 => own,
            1 => own + 1,
            2 => own.saturating_sub(1),
            3 => own / 2,
            _ => 1 + self.random.below((2 * own + 3).min(self.size.saturating_add(2))),
        };
        chosen.max(1) as i64
    }
}

/// Complex numbers with both parts between -1/2 and 1/2.
fn noise(random: &mut Random, total: usize) -> Vec<(f64, f64)> {
    (0..total).map(|_| (random.unit() - 0.5, random.unit() - 0.5)).collect()
}

/// An integer between -9 and 9.
fn whole(random: &mut Random) -> f64 {
    random.below(19) as f64 - 9.0
}

/// An impulse, a constant or a tone.
fn pure(random: &mut Random, total: usize) -> Vec<(f64, f64)> {
    let (at, kind) = (random.below(total.max(1)), random.below(3));
    let (height, turn) = (random.unit() + 0.5, std::f64::consts::TAU * at as f64 / total.max(1) as f64);
    let sample = |i: usize| match kind {
        0 if i == at => (height, -height),
        0 => (0.0, 0.0),
        1 => (height, height / 2.0),
        _ => (height * (turn * i as f64).cos(), height * (turn * i as f64).sin()),
    };
    (0..total).map(sample).collect()
}
