//! Arrays of any element type, and their conversion to and from arrays of the host.

use array_assay_interface::{Array, DType, Scalar};
use ndarray::{ArrayD, IxDyn, ShapeError};
use num_complex::Complex;

/// A type whose arrays [`NdArray`] holds.
pub trait Native: Element {
    /// The dtype of these elements.
    const DTYPE: DType;

    /// Wraps an array of these elements as an array of any element type.
    fn wrap(array: ArrayD<Self>) -> NdArray;

    /// The array, if its elements are of this type.
    fn unwrap(array: &NdArray) -> Option<&ArrayD<Self>>;
}

/// How an element is made from a Python scalar and from the host's bytes.
pub trait Element: Clone + 'static {
    /// The native scalar for a Python scalar that may be combined with an array of this dtype: bool with bool, int with integers, int and
    /// float with real floats, int, float and complex with complex floats. `None` for another kind of scalar, and for an int out of range.
    fn from_scalar(scalar: Scalar) -> Option<Self>;

    /// Reads an element from its little-endian bytes.
    fn read(bytes: &[u8]) -> Self;

    /// Appends the element's little-endian bytes.
    fn write(&self, bytes: &mut Vec<u8>);
}

macro_rules! element_types {
    ($($dtype:ident: $native:ty),* $(,)?) => {
        /// An ndarray array of any element type, rank and layout.
        #[derive(Debug, Clone)]
        #[allow(missing_docs)]
        pub enum NdArray {
            $($dtype(ArrayD<$native>),)*
        }

        impl NdArray {
            /// The dtype of its elements.
            pub fn dtype(&self) -> DType {
                match self {
                    $(NdArray::$dtype(_) => DType::$dtype,)*
                }
            }

            /// Makes an array from the host's elements, in C order. Fails if ndarray refuses the shape.
            pub fn from_host(array: &Array) -> Result<NdArray, ShapeError> {
                fn convert<T: Native>(array: &Array) -> Result<NdArray, ShapeError> {
                    let elements = array.data.chunks_exact(array.dtype.size()).map(T::read).collect();
                    ArrayD::from_shape_vec(IxDyn(&array.shape), elements).map(T::wrap)
                }
                match array.dtype {
                    $(DType::$dtype => convert::<$native>(array),)*
                }
            }
        }

        $(impl Native for $native {
            const DTYPE: DType = DType::$dtype;

            fn wrap(array: ArrayD<$native>) -> NdArray {
                NdArray::$dtype(array)
            }

            fn unwrap(array: &NdArray) -> Option<&ArrayD<$native>> {
                match array {
                    NdArray::$dtype(array) => Some(array),
                    _ => None,
                }
            }
        })*

        /// Evaluates an expression for the `ArrayD` inside an [`NdArray`], for any element type.
        macro_rules! with_array {
            ($array:expr, $x:ident => $body:expr) => {
                match $array {
                    $($crate::array::NdArray::$dtype($x) => $body,)*
                }
            };
        }
    };
}

element_types! {
    Bool: bool,
    Int8: i8,
    Int16: i16,
    Int32: i32,
    Int64: i64,
    Uint8: u8,
    Uint16: u16,
    Uint32: u32,
    Uint64: u64,
    Float32: f32,
    Float64: f64,
    Complex64: Complex<f32>,
    Complex128: Complex<f64>,
}

impl NdArray {
    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        with_array!(self, array => array.shape())
    }

    /// The array as one of the host, in C order for any layout.
    pub fn to_host(&self) -> Array {
        let mut data = Vec::new();
        with_array!(self, array => {
            data.reserve_exact(array.len() * self.dtype().size());
            array.iter().for_each(|element| element.write(&mut data));
        });
        Array { dtype: self.dtype(), shape: self.shape().to_vec(), data }
    }
}

impl Element for bool {
    fn from_scalar(scalar: Scalar) -> Option<bool> {
        match scalar {
            Scalar::Bool(v) => Some(v),
            _ => None,
        }
    }

    fn read(bytes: &[u8]) -> bool {
        bytes[0] != 0
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(*self as u8);
    }
}

/// Reads and writes a number as its bytes.
macro_rules! as_bytes {
    ($native:ty) => {
        fn read(bytes: &[u8]) -> $native {
            <$native>::from_le_bytes(bytes.try_into().expect("the caller cuts at the size of the dtype"))
        }

        fn write(&self, bytes: &mut Vec<u8>) {
            bytes.extend(self.to_le_bytes());
        }
    };
}

macro_rules! integers {
    ($($native:ty),*) => {$(
        impl Element for $native {
            fn from_scalar(scalar: Scalar) -> Option<$native> {
                match scalar {
                    Scalar::Int(v) => v.try_into().ok(),
                    _ => None,
                }
            }

            as_bytes!($native);
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($native:ty),*) => {$(
        impl Element for $native {
            fn from_scalar(scalar: Scalar) -> Option<$native> {
                match scalar {
                    Scalar::Int(v) => Some(v as $native),
                    Scalar::Float(v) => Some(v as $native),
                    _ => None,
                }
            }

            as_bytes!($native);
        }

        impl Element for Complex<$native> {
            fn from_scalar(scalar: Scalar) -> Option<Complex<$native>> {
                match scalar {
                    Scalar::Complex((re, im)) => Some(Complex::new(re as $native, im as $native)),
                    real => <$native>::from_scalar(real).map(|re| Complex::new(re, 0.0)),
                }
            }

            fn read(bytes: &[u8]) -> Complex<$native> {
                let (re, im) = bytes.split_at(size_of::<$native>());
                Complex::new(<$native>::read(re), <$native>::read(im))
            }

            fn write(&self, bytes: &mut Vec<u8>) {
                self.re.write(bytes);
                self.im.write(bytes);
            }
        }
    )*};
}
floats!(f32, f64);
