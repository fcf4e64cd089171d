//! The domain of a parameter: its legal arguments, and how they relate to others.

use crate::dtypes::DTYPE_FACTS;

/// Legal arguments for a parameter. `of` names the parameter to which it is related, which is drawn before it.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Domain {
    /// An array.
    Array {
        #[serde(default = "any_rank")]
        rank: (usize, usize),
        #[serde(default)]
        of: Option<String>,
        #[serde(default)]
        along: Option<String>,
        #[serde(default)]
        dtype: DtypeRelation,
        #[serde(default)]
        shape: ShapeRelation,
        #[serde(default)]
        values: Values,
        /// Views and what comes out of other calls may be refused.
        #[serde(default)]
        contiguous: bool,
    },
    /// A sequence of arrays, or as many positional arguments.
    Arrays {
        #[serde(default = "few")]
        count: (usize, usize),
        #[serde(default = "any_rank")]
        rank: (usize, usize),
        #[serde(default)]
        dtype: DtypeRelation,
        #[serde(default)]
        shape: ShapeRelation,
    },
    /// An array or a Python scalar of a kind that goes with the dtype of `of`.
    ArrayOrScalar { of: String, shape: ShapeRelation },
    /// An array or a dtype.
    ArrayOrDtype {},
    /// Arrays, dtypes and Python scalars that promote together.
    Mixture {},
    /// One axis, from the front or from the back.
    Axis { of: String },
    /// One axis or a tuple of axes.
    Axes { of: String },
    /// Axes moved and their destinations: as many as `of` has, where that is another such parameter.
    MovedAxes {
        of: String,
        #[serde(default)]
        to: Option<String>,
    },
    /// All axes in some order.
    Permutation { of: String },
    /// Where new axes of length one go.
    NewAxes { of: String },
    /// One place among the axes and after them.
    NewAxis { of: String },
    /// Axes of length one.
    UnitAxes { of: String },
    /// A shape: a size or a tuple of sizes.
    Sizes {},
    /// Several shapes that broadcast together, as so many positional arguments.
    Shapes {},
    /// A shape with as many elements; one size may be -1.
    Reshape { of: String },
    /// A shape to which an array broadcasts.
    BroadcastShape { of: String },
    /// Nothing but `None`.
    None {},
    /// A version of DLPack that states what a capsule of it holds: major and minor, from 1.0 on.
    Version {},
    /// A bool.
    Flag {},
    /// `copy`: True, False or None.
    Copy {},
    /// One of these strings.
    Choice { among: Vec<String> },
    /// One of these strings, a dtype, or a tuple of them.
    Kinds { among: Vec<String> },
    /// An integer within these bounds.
    Integer { between: (i64, i64) },
    /// A real number within these bounds: an integer, or a float with a fraction or without.
    Real { between: (i64, i64) },
    /// An integer or a tuple of integers, one for each axis of `along`.
    Shift { along: String },
    /// Repetitions by axis, of fewer or more axes than `of` has.
    Repetitions { of: String },
    /// Repeats of each element: an integer, or an array as long as the axis.
    Repeats { of: String, along: String },
    /// A part of an arithmetic progression.
    Range { part: RangePart },
    /// A Python number that the dtype in `dtype`, or a default dtype, can hold.
    Number {
        #[serde(default)]
        dtype: Option<String>,
        #[serde(default)]
        of: Option<String>,
    },
    /// A dtype; with `of` one to which its values can be cast by the text; `upcast`: of the same kind and no narrower.
    Dtype {
        #[serde(default)]
        of: Option<String>,
        #[serde(default)]
        upcast: bool,
    },
    /// A device of the library.
    Device {},
    /// Axes to contract: a number of them, or two tuples.
    Contraction { of: String, with: String },
    /// The indices that sort a vector.
    Sorter { of: String },
    /// The order of a norm: a number as Python writes it, `inf`, `-inf`, or the name of a norm.
    Order { among: Vec<String> },
    /// A relative tolerance for the singular values of the matrices `of`: a float, or an array that broadcasts to the stack.
    Tolerance { of: String },
    /// What an array may be indexed by.
    Key { of: String },
    /// What may be assigned to the elements of `of` at `key`.
    Assigned { of: String, key: String },
    /// Anything of which an array can be made: array, Python scalar, nested sequences.
    Object { dtype: String },
    /// How many elements along an axis a transform takes, fewer or more than there are; `half`: of the result, whose half spectrum
    /// is given.
    TransformLength {
        of: String,
        along: String,
        #[serde(default)]
        half: bool,
    },
    /// A sequence of axes to transform.
    TransformAxes { of: String },
    /// As `transform_length`, one for each axis of `along`, where that is given; -1 stands for the length of the axis.
    TransformLengths {
        of: String,
        along: String,
        #[serde(default)]
        half: bool,
    },
    /// The distance between samples: a Python float above zero.
    Spacing {},
}

impl Domain {
    /// What conditions may ask of an argument by name: strings to choose from, or kinds of dtypes.
    pub fn choices(&self) -> Vec<&str> {
        match self {
            Domain::Choice { among } => among.iter().map(String::as_str).collect(),
            // Orders of norms that are numbers are compared as such.
            Domain::Order { among } => among.iter().map(String::as_str).filter(|order| order.parse::<f64>().is_err()).collect(),
            Domain::Dtype { .. } => DTYPE_FACTS.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The parameters to which it refers.
    pub fn related(&self) -> impl Iterator<Item = &str> {
        let (first, second): (Option<&String>, Option<&String>) = match self {
            Domain::Array { of, along, .. } => (of.as_ref(), along.as_ref()),
            Domain::Contraction { of, with } => (Some(of), Some(with)),
            Domain::Assigned { of, key } => (Some(of), Some(key)),
            Domain::Key { of } => (Some(of), None),
            Domain::Repeats { of, along } | Domain::TransformLength { of, along, .. } | Domain::TransformLengths { of, along, .. } => {
                (Some(of), Some(along))
            }
            Domain::MovedAxes { of, to } => (Some(of), to.as_ref()),
            Domain::Number { dtype, of } => (dtype.as_ref(), of.as_ref()),
            Domain::Dtype { of, .. } => (of.as_ref(), None),
            Domain::Shift { along } => (Some(along), None),
            Domain::Object { dtype } => (Some(dtype), None),
            Domain::ArrayOrScalar { of, .. }
            | Domain::Axis { of }
            | Domain::Axes { of }
            | Domain::TransformAxes { of }
            | Domain::Permutation { of }
            | Domain::NewAxes { of }
            | Domain::NewAxis { of }
            | Domain::UnitAxes { of }
            | Domain::Reshape { of }
            | Domain::BroadcastShape { of }
            | Domain::Repetitions { of }
            | Domain::Tolerance { of }
            | Domain::Sorter { of } => (Some(of), None),
            _ => (None, None),
        };
        first.into_iter().chain(second).map(String::as_str)
    }

    /// Whether its arguments are arrays.
    pub fn is_array(&self) -> bool {
        matches!(self, Domain::Array { .. } | Domain::Arrays { .. })
    }
}

fn any_rank() -> (usize, usize) {
    (0, 4)
}

fn few() -> (usize, usize) {
    (1, 4)
}

/// The dtype of an array beside that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DtypeRelation {
    /// Its own.
    #[default]
    Own,
    /// The same.
    Same,
    /// One with which it promotes.
    Promotes,
}

/// The shape of an array beside that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeRelation {
    /// Its own.
    #[default]
    Own,
    /// The same.
    Same,
    /// One with which it broadcasts.
    Broadcast,
    /// The same but along one axis.
    Concat,
    /// Of rank one.
    Vector,
    /// One that `matmul` takes on the right.
    Matmul,
    /// One square matrix that `matmul` takes on the right.
    Square,
    /// One that broadcasts, the contracted axis apart, which is the same.
    Vecdot,
    /// One with some axes to contract.
    Contracted,
    /// One that broadcasts, but along the axis, where it is free.
    Along,
    /// Of square matrices: its last two axes have the same length.
    Squares,
    /// Its own, with three elements along some axis.
    Triples,
    /// Right-hand sides for the matrices of the other: a vector, or matrices whose stack broadcasts.
    Sides,
}

/// The values of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Any.
    #[default]
    Any,
    /// Mostly small numbers, so that sums and products stay in range.
    Tame,
    /// Few different ones, so that some are equal.
    Few,
    /// In ascending order, without NaN.
    Sorted,
    /// Indices along the axis `along` of `of`.
    Index,
    /// Finite samples of a signal: noise, impulses, tones, whole numbers, tiny and huge ones; seldom a long one.
    Signal,
    /// As `signal`, mostly the half of a spectrum of which a transform is real.
    HalfSpectrum,
    /// Finite numbers, small ones and of several magnitudes.
    Finite,
    /// Matrices of a class: of known spectra, structured, singular, of extreme scale...
    Matrices,
    /// Square ones of such classes that have an inverse.
    Invertible,
    /// Those whose leading columns are independent.
    Independent,
    /// Hermitian ones: symmetric where they are real.
    Hermitian,
    /// Hermitian ones whose eigenvalues are positive.
    Definite,
    /// In [0, 1].
    Unit,
    /// In [0, 100].
    Percent,
    /// Integers from 0 to 7.
    Small,
    /// Small numbers, of floating-point dtypes many NaN and infinities among them, so that whole slices hold nothing else.
    Holes,
}

/// A part of an arithmetic progression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RangePart {
    Start,
    Stop,
    Step,
}
