using System.Numerics;

namespace Dense.Imaging.Scenes;

/// <summary>Decides what lies where: objects may cover each other but stay recognisable.</summary>
internal sealed class SceneComposer
{
    // A covered object counts while this share of what lies within the picture is visible.
    private const float LeastVisible = 0.5f;
    private const float LeastInside = 0.7f;
    private const int LeastPixels = 20;
    private const int Attempts = 24;

    // Periods of patterns over the side of the picture.
    private const float ShortestPeriod = 0.04f, LongestPeriod = 0.25f;

    private readonly SceneRandom _random;
    private readonly int _size;
    private readonly SceneRules _rules;
    private readonly int[] _owner;
    private readonly List<Layer> _objects = [];
    private readonly List<int> _fullArea = [];
    private readonly List<int> _visibleArea = [];

    private SceneComposer(SceneRandom random, int size, SceneRules rules)
    {
        _random = random;
        _size = size;
        _rules = rules;
        _owner = new int[size * size];
        Array.Fill(_owner, -1);
    }

    /// <summary>A scene of at least one object.</summary>
    public static SceneLayout Compose(SceneRandom random, int size, SceneRules rules)
    {
        var composer = new SceneComposer(random, size, rules);
        return composer.Finish(composer.DrawClutter(), texture =>
        {
            int wanted = random.Integer(rules.LeastObjects, rules.MostObjects);
            for (int i = 0; i < wanted; i++)
                composer.AddObject(texture, composer.DrawClass());

            if (composer._objects.Count == 0)
                composer.AddWhole(texture, composer.DrawClass());
        });
    }

    /// <summary>A scene of one object that fills much of the picture, for classification.</summary>
    public static SceneLayout ComposeSingle(SceneRandom random, int size, ShapeClass shape, SceneRules rules)
    {
        var composer = new SceneComposer(random, size, rules);
        return composer.Finish(composer.DrawClutter(), texture => composer.AddWhole(texture, shape));
    }

    private SceneLayout Finish(List<Layer> clutter, Action<Texture> addObjects)
    {
        Texture ground = DrawSurface(0.06f, 0.5f);
        addObjects(ground);
        List<Layer> strokes = _random.Chance(_rules.StrokeChance) ? AddStrokes() : [];
        Vector2 light = _random.Direction() * _random.Uniform(0.05f, 0.4f);
        return new SceneLayout(_size, ground, clutter, _objects, strokes, _owner, light, _random.Bits());
    }

    private List<Layer> DrawClutter()
    {
        var clutter = new List<Layer>();
        for (int left = _random.Integer(1, _rules.MostClutter); left > 0; left--)
        {
            Outline outline = _random.Chance(0.7f)
                ? new BlobOutline(_random)
                : new StrokeOutline(_random.Uniform(0.03f, 0.12f));
            float radius = _size * _random.LogUniform(0.1f, 0.55f);
            clutter.Add(new Layer(Place(outline, radius, inside: 0), DrawSurface(), _random.Chance(0.3f) ? 0.3f : 0));
        }

        return clutter;
    }

    private void AddObject(Texture ground, ShapeClass shape)
    {
        // The scale is drawn once: were it drawn again at each attempt, crowded scenes would hold small objects only.
        float radius = _size * _random.LogUniform(_rules.SmallestRadius, _rules.LargestRadius);
        Texture texture = DrawContrasting(shape, ground);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Placement placement = Place(new ShapeOutline(shape), radius, inside: 0.5f);
            if (TryCover(placement))
            {
                _objects.Add(new Layer(placement, texture, _random.Uniform(0.15f, 0.45f)));
                return;
            }
        }
    }

    private void AddWhole(Texture ground, ShapeClass shape)
    {
        var middle = new Vector2(_size / 2f);
        float radius = _size * _random.Uniform(0.26f, 0.38f);
        Vector2 shift = _random.Direction() * _random.Uniform(0, 0.1f * _size);
        var placement = new Placement(
            new ShapeOutline(shape), middle + shift, radius, _random.Uniform(0, MathF.Tau), DrawStretch());
        TryCover(placement);
        _objects.Add(new Layer(placement, DrawContrasting(shape, ground), _random.Uniform(0.15f, 0.45f)));
    }

    private List<Layer> AddStrokes()
    {
        var strokes = new List<Layer>();
        for (int left = _random.Integer(1, 2); left > 0; left--)
        {
            float radius = _size * _random.Uniform(0.3f, 0.7f);
            float halfWidth = _size * _random.Uniform(0.006f, 0.016f) / radius;
            Placement placement = Place(new StrokeOutline(halfWidth), radius, inside: 0);
            List<int> covered = Covered(placement, out _);
            if (!LeavesOthersVisible(covered))
                continue;

            Take(covered, owner: -1);
            strokes.Add(new Layer(placement, DrawSurface(), 0.2f));
        }

        return strokes;
    }

    private Placement Place(Outline outline, float radius, float inside)
    {
        float margin = MathF.Min(inside * radius, 0.45f * _size);
        var centre = new Vector2(_random.Uniform(margin, _size - margin), _random.Uniform(margin, _size - margin));
        return new Placement(outline, centre, radius, _random.Uniform(0, MathF.Tau), DrawStretch());
    }

    private bool TryCover(Placement placement)
    {
        List<int> covered = Covered(placement, out int whole);
        if (covered.Count < LeastPixels || covered.Count < LeastInside * whole || !LeavesOthersVisible(covered))
            return false;

        Take(covered, _objects.Count);
        _fullArea.Add(covered.Count);
        _visibleArea.Add(covered.Count);
        return true;
    }

    // Pixels whose centre lies within the figure; "whole" counts those beyond the border of the picture as well.
    private List<int> Covered(Placement placement, out int whole)
    {
        var covered = new List<int>();
        whole = 0;
        int left = (int)MathF.Floor(placement.Centre.X - placement.Reach);
        int top = (int)MathF.Floor(placement.Centre.Y - placement.Reach);
        int side = (int)MathF.Ceiling(2 * placement.Reach) + 2;
        for (int y = top; y < top + side; y++)
        {
            for (int x = left; x < left + side; x++)
            {
                if (placement.Distance(new Vector2(x + 0.5f, y + 0.5f)) >= 0)
                    continue;

                whole++;
                if ((uint)x < (uint)_size && (uint)y < (uint)_size)
                    covered.Add(y * _size + x);
            }
        }

        return covered;
    }

    private bool LeavesOthersVisible(List<int> covered)
    {
        Span<int> lost = stackalloc int[_objects.Count];
        foreach (int pixel in covered)
        {
            if (_owner[pixel] >= 0)
                lost[_owner[pixel]]++;
        }

        for (int i = 0; i < lost.Length; i++)
        {
            int left = _visibleArea[i] - lost[i];
            if (lost[i] > 0 && (left < LeastVisible * _fullArea[i] || left < LeastPixels))
                return false;
        }

        return true;
    }

    private void Take(List<int> covered, int owner)
    {
        foreach (int pixel in covered)
        {
            if (_owner[pixel] >= 0)
                _visibleArea[_owner[pixel]]--;

            _owner[pixel] = owner;
        }
    }

    private ShapeClass DrawClass() => _rules.Classes[_random.Integer(0, _rules.Classes.Count - 1)];

    private Texture DrawContrasting(ShapeClass shape, Texture ground)
    {
        Texture texture = Draw();
        for (int attempt = 0; attempt < Attempts && Vector3.Distance(texture.Mean, ground.Mean) < 0.3f; attempt++)
            texture = Draw();

        return texture;

        Texture Draw() => _rules.HasClassLooks
            ? Texture.DrawOfClass(_random, shape, _rules.Classes.Count, _size)
            : DrawSurface();
    }

    // What carries no label: grounds, clutter, strokes, and objects where the outline alone tells the class.
    private Texture DrawSurface(float shortest = ShortestPeriod, float longest = LongestPeriod)
    {
        Texture texture = Texture.Draw(_random, shortest * _size, longest * _size);
        return _rules.HasClassLooks ? texture.Faint() : texture;
    }

    private float DrawStretch() => MathF.Exp(_random.Uniform(-0.3f, 0.3f));
}
