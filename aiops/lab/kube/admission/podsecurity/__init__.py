"""Pod Security Admission: the Pod Security Standards, as the labels of a namespace ask for them.

words      how findings are put
baseline   the checks of level `baseline`; restricted: those of level `restricted`
standards  which of them hold in which version of the standards
policy     what a namespace's labels say
plugin     the admission plug-in
"""
