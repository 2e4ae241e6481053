//! In the making: `known`.
