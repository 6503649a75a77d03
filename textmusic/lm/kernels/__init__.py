"""What is compiled: training and sampling on a CPU, without autograd and without the GIL.

numeric   a compiler with a cache, exp and tanh

Training, the gradients of a window written by hand::

    gates     one time step, forward and backward   narrow    all steps of few streams
    kinds     the two for each kind of layer        output    cross-entropy, dropout
    window    all steps and layers of some streams  weights   parameters as a step wants them
    adam      clipping and Adam                     trainer   a step, on several threads

Sampling, one step or many in one call::

    products  matrix products, the same for a row alone and among others
    stepping  one step of all layers                whole     whole numbers of 8 bits
    choosing  temperature, top-k, top-p, a draw     writing   steps until Python is needed
"""
