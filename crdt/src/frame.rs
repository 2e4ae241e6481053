//! In the making: `frame`.
