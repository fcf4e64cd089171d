//! Tensors of any element type, and their conversion to and from arrays of the host.

use array_assay_interface::{Array, DType, Scalar};
use num_complex::Complex;
use rstsr::prelude::{DeviceCpuSerial, IxD, Tensor, TensorIterOrder, rt};
use rstsr_dtype_traits::DTypeCastAPI;

/// The crate's device on which tensors lie between calls.
///
/// Its faer device has the same kernels and splits long arrays among threads. To build these for every pair of element types takes ten times
/// as long, so only [`linear_algebra`](crate) moves tensors there.
pub type Home = DeviceCpuSerial;

/// A tensor of the crate, of any rank.
pub type Tsr<T> = Tensor<T, Home, IxD>;

/// A type whose tensors [`RsArray`] holds.
pub trait Native: Element {
    /// The dtype of these elements.
    const DTYPE: DType;

    /// Wraps a tensor of these elements as an array of any element type.
    fn wrap(tensor: Tsr<Self>) -> RsArray;

    /// The tensor, if its elements are of this type.
    fn unwrap(array: &RsArray) -> Option<&Tsr<Self>>;
}

/// How an element is made from a Python scalar and from the host's bytes.
pub trait Element: Clone + Send + Sync + 'static {
    /// The native scalar for a Python scalar that may be combined with an array of this dtype: bool with bool, int with integers, int and
    /// float with real floats, int, float and complex with complex floats. `None` for another kind of scalar, and for an int out of range.
    fn from_scalar(scalar: Scalar) -> Option<Self>;

    /// The Python scalar for an element.
    fn scalar(self) -> Scalar;

    /// Reads an element from its little-endian bytes.
    fn read(bytes: &[u8]) -> Self;

    /// Appends the element's little-endian bytes.
    fn write(&self, bytes: &mut Vec<u8>);
}

macro_rules! element_types {
    ($($dtype:ident: $native:ty),* $(,)?) => {
        /// A tensor of any element type, rank and layout.
        #[derive(Clone)]
        #[allow(missing_docs)]
        pub enum RsArray {
            $($dtype(Tsr<$native>),)*
        }

        impl RsArray {
            /// The dtype of its elements.
            pub fn dtype(&self) -> DType {
                match self {
                    $(RsArray::$dtype(_) => DType::$dtype,)*
                }
            }

            /// Makes a tensor from the host's elements, in C order. Fails if the crate refuses the shape.
            pub fn from_host(array: &Array, device: &Home) -> rt::Result<RsArray> {
                fn convert<T: Native>(array: &Array, device: &Home) -> rt::Result<RsArray> {
                    let elements: Vec<T> = array.data.chunks_exact(array.dtype.size()).map(T::read).collect();
                    rt::asarray_f((elements, array.shape.clone(), device)).map(T::wrap)
                }
                match array.dtype {
                    $(DType::$dtype => convert::<$native>(array, device),)*
                }
            }
        }

        $(impl Native for $native {
            const DTYPE: DType = DType::$dtype;

            fn wrap(tensor: Tsr<$native>) -> RsArray {
                RsArray::$dtype(tensor)
            }

            fn unwrap(array: &RsArray) -> Option<&Tsr<$native>> {
                match array {
                    RsArray::$dtype(tensor) => Some(tensor),
                    _ => None,
                }
            }
        })*

        /// Evaluates an expression for the tensor inside an [`RsArray`], for any element type.
        macro_rules! with_array {
            ($array:expr, $x:ident => $body:expr) => {
                match $array {
                    $($crate::array::RsArray::$dtype($x) => $body,)*
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

impl RsArray {
    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        with_array!(self, tensor => tensor.shape())
    }

    /// The array as one of the host, in C order for any layout. Fails if the crate cannot walk the layout.
    pub fn to_host(&self) -> rt::Result<Array> {
        let mut data = Vec::new();
        with_array!(self, tensor => {
            data.reserve_exact(tensor.size() * self.dtype().size());
            tensor.view().iter_with_order_f(TensorIterOrder::C)?.for_each(|element| element.write(&mut data));
        });
        Ok(Array { dtype: self.dtype(), shape: self.shape().to_vec(), data })
    }

    /// The device that holds the elements.
    pub(crate) fn device(&self) -> &Home {
        with_array!(self, tensor => tensor.device())
    }
}

/// The crate's indices are `usize`, of 64 bits: the elements of uint64.
pub(crate) fn indices(tensor: Tsr<usize>) -> RsArray {
    RsArray::Uint64(tensor.mapv(DTypeCastAPI::<u64>::into_cast))
}

impl Element for bool {
    fn from_scalar(scalar: Scalar) -> Option<bool> {
        match scalar {
            Scalar::Bool(v) => Some(v),
            _ => None,
        }
    }

    fn scalar(self) -> Scalar {
        Scalar::Bool(self)
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

            fn scalar(self) -> Scalar {
                Scalar::Int(self.into())
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

            fn scalar(self) -> Scalar {
                Scalar::Float(self.into())
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

            fn scalar(self) -> Scalar {
                Scalar::Complex((self.re.into(), self.im.into()))
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
