//! Converts ndarray's own arrays to the adapter's, and back.

use array_assay_interface::DType;
use ndarray::{Array, ArrayBase, Data, Dimension};

use crate::array::{Native, NdArray};
use crate::register::Register;

/// Why an array could not be converted to one with these elements and axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongArray {
    /// The array has other elements.
    Dtype {
        /// The dtype of the array.
        has: DType,
        /// The dtype that was asked for.
        wanted: DType,
    },
    /// The array has another number of axes.
    Rank {
        /// The number of axes of the array.
        has: usize,
        /// The number of axes that was asked for.
        wanted: usize,
    },
}

impl std::fmt::Display for WrongArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WrongArray::Dtype { has, wanted } => write!(f, "take an array of {has} as one of {wanted}"),
            WrongArray::Rank { has, wanted } => write!(f, "take an array of {has} axes as one of {wanted}"),
        }
    }
}

impl std::error::Error for WrongArray {}

/// Copies the elements of any layout.
impl<T: Native, S: Data<Elem = T>, D: Dimension> From<&ArrayBase<S, D>> for Register {
    fn from(array: &ArrayBase<S, D>) -> Register {
        T::wrap(array.to_owned().into_dyn()).into()
    }
}

/// Takes the elements without a copy.
impl<T: Native, D: Dimension> From<Array<T, D>> for Register {
    fn from(array: Array<T, D>) -> Register {
        T::wrap(array.into_dyn()).into()
    }
}

/// Copies the elements. Fails if they have another type, or if the number of axes is not that of `D`.
impl<T: Native, D: Dimension> TryFrom<&Register> for Array<T, D> {
    type Error = WrongArray;

    fn try_from(register: &Register) -> Result<Array<T, D>, WrongArray> {
        let held = register.get();
        let own: &NdArray = &held;
        let array = T::unwrap(own).ok_or_else(|| WrongArray::Dtype { has: own.dtype(), wanted: T::DTYPE })?.clone();
        let has = array.ndim();
        array.into_dimensionality().map_err(|_| WrongArray::Rank { has, wanted: D::NDIM.unwrap_or(has) })
    }
}
