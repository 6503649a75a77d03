"""What is compiled: training and sampling on a CPU, without autograd and without the GIL.

numeric   a compiler with a cache, exp and tanh

Training, the gradients of a window written by hand::

    kinds     the passes of each kind of layer      weights   parameters as a step wants them
    adam      clipping and Adam                     trainer   a step, on several threads

by matrix products of our own, for layers of whole panels of units::

    lanes     vectors as values                     curves    their sigmoid, tanh, power, sum
    tiles     the kernel of the products            panels    products and packing of matrices
    chunks    what follows from a few steps         layers    all steps, forward and backward
    ends      the loss, the embedding               blocks    all layers of some streams
    packed    the weights, packed                   arrays    memory for vectors

and by those of PyTorch, for all sizes and processors::

    gates     one time step, forward and backward   narrow    all steps of few streams
    output    cross-entropy, dropout                window    all layers of some streams

Sampling, one step or many in one call::

    products  matrix products, the same for a row alone and among others
    whole     those of whole numbers of 8 bits      nets      the weights, packed
    stepping  one step of all layers
    choosing  temperature, top-k, top-p, a draw     writing   steps until Python is needed
"""
