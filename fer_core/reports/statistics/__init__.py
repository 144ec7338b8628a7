"""For statisticians: labelled files of SPSS and Stata, and a bundle for R, with a codebook."""
