/** Photos to pixels: decoding, EXIF orientation and resampling with Pillow's arithmetic. */
@NullMarked
package io.github.vit4j.image;

import org.jspecify.annotations.NullMarked;
