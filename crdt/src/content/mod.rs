//! In the making: content.
