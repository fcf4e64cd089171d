//! Elements on which libraries go wrong, and the random numbers that they are drawn from.

use array_assay_interface::{DType, Element, Kind, Scalar};

use super::design::{Choice, Factor, Row};

/// Long arrays repeat so many elements. A prime, so that the repetition has no common measure with vector registers and buffers.
pub const PERIOD: usize = 61;

/// A fast generator of random numbers (SplitMix64, Steele, Lea and Flood 2014). The elements of an array follow from its seed, so that a
/// failing case can be drawn again. Choices that decide what kind of case is drawn have a name; a row of a covering design may decide them.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
    /// What the choices are about at present (see [`Factor::of`]).
    about: u8,
    /// The levels to take.
    row: Row,
    /// The levels that were taken, if someone wants to know.
    taken: Option<Vec<Choice>>,
}

impl Random {
    /// The generator of `seed`.
    pub fn new(seed: u64) -> Random {
        Random { state: seed, about: 0, row: Row::new(), taken: None }
    }

    /// The generator of `seed` for a draw that follows a row of a design.
    pub fn following(seed: u64, row: &Row) -> Random {
        Random { row: row.clone(), taken: Some(Vec::new()), ..Random::new(seed) }
    }

    /// The levels that were taken.
    pub fn taken(&self) -> &[Choice] {
        self.taken.as_deref().unwrap_or_default()
    }

    /// Says that the next choices are about the parameter or operand with this number, counted from one. Zero stands for the call as a
    /// whole.
    pub fn turn_to(&mut self, about: usize) {
        self.about = about.min(u8::MAX.into()) as u8;
    }

    /// Takes a level that was decided elsewhere.
    pub fn take(&mut self, factor: Factor, level: usize, levels: usize) {
        self.taken.get_or_insert_default().push(Choice { factor, level, levels });
    }

    /// Chooses a level of a factor. Levels of weight zero are not legal at this point; the others are drawn in proportion to their weights
    /// if no row decides. Of choices of one name about one parameter, the row decides the first.
    pub fn pick(&mut self, name: &'static str, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        let drawn = weights.iter().position(|weight| {
            let found = left < *weight;
            left = left.saturating_sub(*weight);
            found
        });
        let drawn = drawn.unwrap_or_default();
        let Some(taken) = &mut self.taken else { return drawn };
        let factor = Factor { of: self.about, name };
        if taken.iter().any(|choice| choice.factor == factor) {
            return drawn;
        }
        let asked = self.row.iter().find(|(of, _)| *of == factor).map(|(_, level)| *level);
        let level = asked.filter(|level| weights.get(*level).is_some_and(|weight| *weight > 0)).unwrap_or(drawn);
        taken.push(Choice { factor, level, levels: weights.len() });
        level
    }

    /// Chooses one of `levels` levels of a factor, all equally likely if no row decides.
    pub fn pick_below(&mut self, name: &'static str, levels: usize) -> usize {
        const EQUAL: [usize; 64] = [1; 64];
        match levels {
            0..=64 => self.pick(name, &EQUAL[..levels]),
            _ => self.pick(name, &vec![1; levels]),
        }
    }

    /// Chooses between no and yes. If no row decides, the answer is yes once in `one_in` times.
    pub fn pick_yes(&mut self, name: &'static str, one_in: usize) -> bool {
        self.pick(name, &[one_in - 1, 1]) == 1
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`. Zero if `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn sign(&mut self) -> f64 {
        if self.next() & 1 == 0 { 1.0 } else { -1.0 }
    }
}

/// The seed of the `index`-th draw of a name, from the run's seed: FNV-1a over the name, then mixed.
pub fn seed_for(seed: u64, name: &str, index: u64) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Random::new(hash ^ index.wrapping_mul(0xd134_2543_de82_ef95)).next()
}

/// A random element of `dtype`.
pub fn element(random: &mut Random, dtype: DType) -> Element {
    match dtype {
        DType::Bool => Element::Bool(random.next() & 1 == 0),
        DType::Float32 => Element::F32(float32(random)),
        DType::Float64 => Element::F64(float64(random)),
        DType::Complex64 => Element::C64(complex_component(random, float32), complex_component(random, float32)),
        DType::Complex128 => Element::C128(complex_component(random, float64), complex_component(random, float64)),
        _ => Element::Int(integer(random, dtype)),
    }
}

/// A component of a complex number. Components are zero more often, so that the other component decides.
fn complex_component<T: From<i8>>(random: &mut Random, draw: fn(&mut Random) -> T) -> T {
    if random.below(12) == 0 { T::from(0) } else { draw(random) }
}

/// A random integer: near the ends of the range, near a power of two, small, or of any magnitude.
fn integer(random: &mut Random, dtype: DType) -> i128 {
    let (low, high) = dtype.integer_range().expect("called for integer dtypes");
    let bits = 8 * dtype.size() as u32;
    let near = random.below(3) as i128 - 1;
    let value = match random.below(16) {
        0 => low + random.below(2) as i128,
        1 => high - random.below(2) as i128,
        2 | 3 => (1i128 << random.below(bits as usize)) + near,
        4 => -(1i128 << random.below(bits as usize)) + near,
        5..9 => random.below(17) as i128 - 8,
        9 | 10 => random.below(4) as i128,
        11 | 12 => i128::from(random.next() as i64),
        _ => {
            let magnitude = i128::from(random.next()) >> (64 - 1 - random.below(bits as usize - 1) as u32).min(63);
            if random.next() & 1 == 0 { magnitude } else { -magnitude }
        }
    };
    if (low..=high).contains(&value) {
        value
    } else if dtype.kind() == Kind::UnsignedInteger && value < 0 && -value <= high {
        -value
    } else {
        // Moves the value into the range. Its low bits stay random.
        low + value.rem_euclid(high - low + 1)
    }
}

macro_rules! floats {
    ($name:ident, $t:ty, $bits:ty, $fraction:literal, $bias:literal) => {
        /// A random float: zero, infinity, NaN, subnormal, near a power of two or a multiple of pi/4, half an integer, or of any magnitude.
        fn $name(random: &mut Random) -> $t {
            let neighbour = |v: $t, random: &mut Random| {
                let bits = v.to_bits();
                <$t>::from_bits(match random.below(5) {
                    0 => bits.wrapping_sub(1),
                    1 => bits.wrapping_add(1),
                    2 => bits.wrapping_sub(random.below(16) as $bits),
                    _ => bits,
                })
            };
            let sign = random.sign() as $t;
            let magnitude: $t = match random.below(32) {
                0 => 0.0,
                1 => <$t>::INFINITY,
                2 => <$t>::NAN,
                3 => <$t>::from_bits((random.next() as $bits) & ((1 << $fraction) - 1)),
                4 => [<$t>::MAX, <$t>::MIN_POSITIVE, <$t>::from_bits(1), <$t>::EPSILON, 1.0 / <$t>::EPSILON][random.below(5)],
                5 => neighbour(<$t>::from_bits(((random.below(2 * $bias - 2) + 1) as $bits) << $fraction), random),
                6 | 7 => neighbour(1.0, random),
                8 => neighbour((1 + random.below(12)) as $t * std::f64::consts::FRAC_PI_4 as $t, random),
                9 => neighbour(random.below(64) as $t + 0.5, random),
                10 => <$t>::from_bits(random.next() as $bits),
                11 | 12 => <$t>::from_bits(
                    (((random.below(2 * $bias - 2) + 1) as $bits) << $fraction) | (random.next() as $bits & ((1 << $fraction) - 1)),
                ),
                13 => random.below(20) as $t,
                // A whole number that the unsigned integer dtype of some size can hold, and the signed one cannot.
                14 => ((random.unit() + 1.0) as $t * (2.0 as $t).powi([7, 15, 31, 63][random.below(4)])).floor(),
                15..20 => random.unit() as $t,
                20..25 => (random.unit() * 10.0) as $t,
                25 => (random.unit() * 750.0) as $t,
                _ => (random.unit() + 1.0) as $t * (2.0 as $t).powi(random.below(60) as i32 - 40),
            };
            sign * magnitude
        }
    };
}

floats!(float32, f32, u32, 23, 127);
floats!(float64, f64, u64, 52, 1023);

/// An element related to another one: the same, its negation, a neighbour or a small multiple.
pub fn related(random: &mut Random, element: Element) -> Element {
    let step = random.below(3) as i64 - 1;
    match element {
        Element::F32(v) => Element::F32(match random.below(5) {
            0 | 1 => v,
            2 => -v,
            3 if v.is_finite() => f32::from_bits(v.to_bits().wrapping_add_signed(step as i32)),
            _ => v * (random.below(8) as f32 - 3.0),
        }),
        Element::F64(v) => Element::F64(match random.below(5) {
            0 | 1 => v,
            2 => -v,
            3 if v.is_finite() => f64::from_bits(v.to_bits().wrapping_add_signed(step)),
            _ => v * (random.below(8) as f64 - 3.0),
        }),
        Element::C64(re, im) => [Element::C64(re, im), Element::C64(-re, -im), Element::C64(re, -im)][random.below(3)],
        Element::C128(re, im) => [Element::C128(re, im), Element::C128(-re, -im), Element::C128(re, -im)][random.below(3)],
        Element::Int(v) => Element::Int(v + i128::from(step)),
        other => other,
    }
}

/// An element of dtype `to` near an element of dtype `from`. If `to` is wider, it is often another number that becomes the same in `from`.
pub fn alike(random: &mut Random, element: Element, from: DType, to: DType) -> Element {
    let cast = element.cast(to);
    match (element, cast) {
        (Element::Int(v), _) => {
            let Some((low, high)) = to.integer_range() else { return cast };
            // A dtype that is not wider gets a neighbour: float64 does not tell large ones apart.
            let span = if to.size() <= from.size() { 1 } else { 1i128 << (8 * from.size()) };
            let value = v + span * (random.below(3) as i128 - 1);
            // Moves the value into the range and keeps its low bits.
            Element::Int(if (low..=high).contains(&value) { value } else { low + (value - low).rem_euclid(high - low + 1) })
        }
        (_, Element::F64(v)) if v.is_finite() => Element::F64(beside(random, v)),
        (Element::C64(..), Element::C128(re, im)) if re.is_finite() => Element::C128(beside(random, re), im),
        _ => cast,
    }
}

/// A finite float or one of its neighbours. Zero stays zero.
fn beside(random: &mut Random, v: f64) -> f64 {
    if v == 0.0 {
        return v;
    }
    f64::from_bits(v.to_bits().wrapping_add_signed(random.below(3) as i64 - 1))
}

/// An element as a Python scalar. A whole number may become an int, and a complex number may lose its imaginary part.
pub fn python_scalar(random: &mut Random, element: Element) -> Scalar {
    match element {
        Element::Bool(v) => Scalar::Bool(v),
        Element::Int(v) => Scalar::Int(v),
        other => {
            let (re, im) = other.components();
            let complex = matches!(other, Element::C64(..) | Element::C128(..));
            match random.below(3) {
                0 if is_whole(re) => Scalar::Int(re as i128),
                1 if complex => Scalar::Float(re),
                _ if complex => Scalar::Complex((re, im)),
                _ => Scalar::Float(re),
            }
        }
    }
}

/// A Python scalar that may meet arrays of `dtype`: of the kind of the dtype, or of a kind below it.
pub fn scalar_of(random: &mut Random, dtype: DType) -> Scalar {
    let element = element(random, dtype);
    let (re, im) = element.components();
    match (element, dtype.kind()) {
        (Element::Bool(v), _) => Scalar::Bool(v),
        (Element::Int(v), _) => Scalar::Int(v),
        (_, kind) => match random.pick("scalar", &[1, 2, 2 * usize::from(kind == Kind::ComplexFloating)]) {
            0 if is_whole(re) => Scalar::Int(re as i128),
            0 => Scalar::Int(random.below(33) as i128 - 16),
            1 => Scalar::Float(python_float(random, dtype, re)),
            _ => Scalar::Complex((re, im)),
        },
    }
}

/// A Python scalar equal to an element of an array, or beside it.
pub fn scalar_beside(random: &mut Random, dtype: DType, of: Element) -> Scalar {
    match related(random, of) {
        Element::Int(v) => Scalar::Int(dtype.integer_range().map_or(v, |(low, high)| v.clamp(low, high))),
        Element::Bool(v) => Scalar::Bool(v),
        other if dtype.is_complex() => Scalar::Complex(other.components()),
        other => Scalar::Float(python_float(random, dtype, other.components().0)),
    }
}

/// A Python float that `dtype` takes for `v`. In single precision it is often another number, which is rounded to `v`.
fn python_float(random: &mut Random, dtype: DType, v: f64) -> f64 {
    if dtype == DType::Float32 && v.is_normal() && random.below(2) == 0 { v * (1.0 + 2f64.powi(-40)) } else { v }
}

/// Whether a float is a whole number that a Python int can stand for.
fn is_whole(v: f64) -> bool {
    v.fract() == 0.0 && v.abs() < 1e6 && (v != 0.0 || v.is_sign_positive())
}

/// Simpler elements that may replace a failing one, the simplest first.
pub fn simpler(element: Element) -> Vec<Element> {
    const PLAIN: [f64; 8] = [0.0, 1.0, 2.0, -1.0, 0.5, 3.0, 1.5, 10.0];
    let rank = |e: &Element| plainness(*e);
    let mut out: Vec<Element> = match element {
        Element::Bool(true) => vec![Element::Bool(false)],
        Element::Bool(false) => Vec::new(),
        Element::Int(v) => [0, 1, 2, -1, v / 2, v - v.signum()].into_iter().filter(|n| *n != v).map(Element::Int).collect(),
        Element::F32(v) => plain_floats(v as f64, &PLAIN).map(|x| Element::F32(x as f32)).collect(),
        Element::F64(v) => plain_floats(v, &PLAIN).map(Element::F64).collect(),
        Element::C64(re, im) => {
            let real = plain_floats(re as f64, &PLAIN).map(|x| Element::C64(x as f32, im));
            real.chain(plain_floats(im as f64, &PLAIN).map(|x| Element::C64(re, x as f32))).collect()
        }
        Element::C128(re, im) => {
            let real = plain_floats(re, &PLAIN).map(|x| Element::C128(x, im));
            real.chain(plain_floats(im, &PLAIN).map(|x| Element::C128(re, x))).collect()
        }
    };
    out.retain(|e| rank(e) < rank(&element));
    out.sort_by_key(rank);
    out
}

/// Simple floats, and the number with fewer digits.
fn plain_floats(v: f64, plain: &[f64]) -> impl Iterator<Item = f64> {
    let fewer_digits = [v.trunc(), (v * 16.0).trunc() / 16.0, v.abs()];
    plain.iter().copied().chain(fewer_digits).filter(move |x| x.to_bits() != v.to_bits()).collect::<Vec<_>>().into_iter()
}

/// How complicated an element is: short numbers before long ones, positive before negative, finite before infinite and NaN.
fn plainness(element: Element) -> u32 {
    let of_float = |v: f64| -> u32 {
        let sign = u32::from(v.is_sign_negative());
        sign + match v {
            v if v.is_nan() => 200,
            v if v.is_infinite() => 190,
            0.0 => 0,
            v if v.fract() == 0.0 && v.abs() < 100.0 => 2 + v.abs() as u32 / 4,
            v => 40 + (52 - v.to_bits().trailing_zeros().min(52)) + (v.abs().log2().abs() as u32).min(64),
        }
    };
    match element {
        Element::Bool(v) => u32::from(v),
        Element::Int(v) => 2 * (128 - v.unsigned_abs().leading_zeros()) + u32::from(v < 0),
        other => {
            let (re, im) = other.components();
            of_float(re) + of_float(im)
        }
    }
}
