"""How figures become samples of series: forms, pages, histograms. Nothing here knows what an exporter is for."""
