//! Calls that have to raise, and how they are made from legal calls.

use array_assay_format::{Level, Revision};

/// Calls that have to raise: legal calls with one argument made invalid.
#[derive(Debug, Clone, PartialEq)]
pub struct Raise {
    /// The slug. The check is `raises/SLUG`.
    pub slug: String,
    /// How the argument is invalid.
    pub invalid: Invalid,
    /// The parameter whose argument is invalid.
    pub argument: String,
    /// The class of exception that the text names, for the check `raises/SLUG-class` at `should`.
    pub class: Option<String>,
    /// The level of the clause.
    pub level: Level,
    /// The first revision, if that is later than the function's.
    pub since: Option<Revision>,
    /// The last revision, if the clause ended.
    pub until: Option<Revision>,
    /// Why the text is doubtful.
    pub doubt: Option<String>,
}

/// Calls whose result the text leaves open, although it does not say that they raise: legal calls with one argument changed.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenCall {
    /// How the argument is changed.
    pub invalid: Invalid,
    /// The parameter whose argument is changed.
    pub argument: String,
}

/// How an argument is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invalid {
    /// An axis that the array does not have.
    OutOfBounds,
    /// An index beyond the ends of its axis.
    Index,
    /// An axis longer than one.
    NotSingleton,
    /// A shape that does not fit the others.
    Mismatch,
    /// An array with fewer axes than it needs.
    TooFewAxes,
    /// An array with more axes than it may have.
    TooManyAxes,
    /// The argument is left out.
    LeftOut,
    /// A complex array.
    Complex,
    /// A real floating-point array.
    Floating,
    /// An array of NaN.
    Nan,
    /// An array of infinities.
    Infinite,
    /// A negative number.
    Negative,
    /// A real dtype, to which complex values cannot be cast.
    RealDtype,
    /// A key with two ellipses.
    TwoEllipses,
    /// A key with more indices than axes.
    TooManyIndices,
    /// A key with fewer indices than axes, without an ellipsis.
    TooFewIndices,
    /// A mask with another number of axes.
    MaskRank,
    /// A mask of another shape.
    MaskShape,
    /// Arrays of integers that do not broadcast.
    IndexArrays,
    /// A revision of the standard that does not exist.
    UnknownVersion,
}

impl Raise {
    /// The slug of the check on the class of what is raised.
    pub fn class_slug(&self) -> String {
        format!("{}-class", self.slug)
    }
}

impl Invalid {
    /// Whether calls are made even if the oracle leaves the result open, because the text only recommends that they raise.
    pub fn leaves_open(self) -> bool {
        matches!(self, Invalid::TooFewIndices | Invalid::Nan | Invalid::Infinite | Invalid::RealDtype | Invalid::UnknownVersion)
    }

    /// What is wrong with the argument, in words.
    pub fn says(self) -> &'static str {
        match self {
            Invalid::OutOfBounds => "names an axis that is not there",
            Invalid::Index => "holds an index beyond the ends of its axis",
            Invalid::NotSingleton => "names an axis that is longer than one",
            Invalid::Mismatch => "has a shape that does not fit",
            Invalid::TooFewAxes => "has too few axes",
            Invalid::TooManyAxes => "has too many axes",
            Invalid::LeftOut => "is left out",
            Invalid::Complex => "is complex",
            Invalid::Floating => "is a floating-point array",
            Invalid::Nan => "is NaN",
            Invalid::Infinite => "is infinite",
            Invalid::Negative => "is negative",
            Invalid::RealDtype => "is a real dtype for complex numbers",
            Invalid::TwoEllipses => "has two ellipses",
            Invalid::TooManyIndices => "has more indices than the array has axes",
            Invalid::TooFewIndices => "has fewer indices than the array has axes, and no ellipsis",
            Invalid::MaskRank => "is a mask with another number of axes",
            Invalid::MaskShape => "is a mask of another shape",
            Invalid::IndexArrays => "holds arrays of indices that do not broadcast",
            Invalid::UnknownVersion => "names a revision that does not exist",
        }
    }
}
