/** What ViT4J throws: unchecked, one line, written for the person who reads it. */
@NullMarked
package io.github.vit4j.error;

import org.jspecify.annotations.NullMarked;
